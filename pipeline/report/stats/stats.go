// Package stats says how the values of an axis differ in time, cost and success, and how sure that is. It reads the journal, and what was
// seen of the pictures; it writes no file. The mathematics is that of libraries: benchmath for medians, gonum for the rest.
package stats
