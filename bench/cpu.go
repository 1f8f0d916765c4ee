package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ticks per second of the kernel's accounting, as Linux has it everywhere.
const ticksPerSecond = 100

// cpu returns the seconds of processor that the named trees of processes have used: each
// with its living children, and with those of its children that have ended.
func cpu(pids ...int) float64 {
	children := map[int][]int{}
	ticks := map[int]float64{}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		text := string(raw)
		pid, _ := strconv.Atoi(text[:strings.IndexByte(text, ' ')])
		f := strings.Fields(text[strings.LastIndexByte(text, ')')+2:])
		parent, _ := strconv.Atoi(f[1])
		children[parent] = append(children[parent], pid)
		for _, i := range []int{11, 12, 13, 14} { // utime, stime, cutime, cstime
			n, _ := strconv.ParseFloat(f[i], 64)
			ticks[pid] += n
		}
	}
	var sum func(int) float64
	sum = func(pid int) float64 {
		total := ticks[pid]
		for _, c := range children[pid] {
			total += sum(c)
		}
		return total
	}
	total := 0.0
	for _, pid := range pids {
		total += sum(pid)
	}
	return total / ticksPerSecond
}

// serviceNames are the processes whose time counts as a side's, beside its own.
var serviceNames = []string{"postgres", "redis-server", "pgbouncer"}

// services returns the pids of the run's own Postgres, Redis and pooler: our children by those names.
func services() (pids []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		text := string(raw)
		name := text[strings.IndexByte(text, '(')+1 : strings.LastIndexByte(text, ')')]
		f := strings.Fields(text[strings.LastIndexByte(text, ')')+2:])
		if parent, _ := strconv.Atoi(f[1]); parent == os.Getpid() && slices.Contains(serviceNames, name) {
			pid, _ := strconv.Atoi(text[:strings.IndexByte(text, ' ')])
			pids = append(pids, pid)
		}
	}
	return pids
}
