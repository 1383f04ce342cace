//go:build !linux

package pictures

func yieldToOthers() {}
