package cli

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"

	"wirobatch/wiro"
)

// client gives the client of the service that the environment names.
func (p *program) client(connections int, allowHosts []string) (*wiro.Client, error) {
	if p.getenv("WIRO_API_KEY") == "" {
		return nil, &exit{
			code: codeUsage,
			err:  fmt.Errorf("there is no API key: WIRO_API_KEY is not set"),
			hint: "set WIRO_API_KEY (and WIRO_API_SECRET, if the project signs its requests) from the Wiro dashboard,\n" +
				"      or rehearse offline and without a key: wirobatch run --sandbox MANIFEST",
		}
	}
	base, socket := p.getenv("WIRO_BASE_URL"), p.getenv("WIRO_SOCKET_URL")
	if socket == "" && (base == "" || strings.TrimRight(base, "/") == wiro.DefaultBaseURL) {
		socket = wiro.DefaultSocketURL
	}
	c, err := wiro.New(wiro.Options{
		BaseURL:     base,
		SocketURL:   socket,
		Key:         wiro.NewSecret(p.getenv("WIRO_API_KEY")),
		Secret:      wiro.NewSecret(p.getenv("WIRO_API_SECRET")),
		UserAgent:   userAgent(),
		Connections: connections,
		AllowHosts:  allowHosts,
	})
	if err != nil {
		return nil, &exit{code: codeUsage, err: err, hint: "WIRO_BASE_URL takes https, and plain http to loopback only; WIRO_SOCKET_URL wss, and ws to loopback only"}
	}
	return c, nil
}

// neighbours is where the runs of this user find each other, "" when the system has no place for that. Services and bare
// containers may have no HOME: the system's own list of users has it then.
func neighbours() string {
	dir, err := os.UserCacheDir()
	if err != nil && os.Getenv("XDG_CACHE_HOME") == "" {
		var self *user.User
		if self, err = user.Current(); err == nil {
			dir = cacheBelow(self.HomeDir)
		}
	}
	if err != nil || !filepath.IsAbs(dir) {
		return ""
	}
	return filepath.Join(dir, "wirobatch", "runs")
}

// cacheBelow is where os.UserCacheDir has it when HOME is set.
func cacheBelow(home string) string {
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(home, "AppData", "Local")
	case "darwin":
		return filepath.Join(home, "Library", "Caches")
	}
	return filepath.Join(home, ".cache")
}
