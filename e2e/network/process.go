package network

import (
	"os/exec"
	"runtime"
	"sync"
	"syscall"
)

// starts is where processes are started: one thread, which lasts as long as the program.
var starts = sync.OnceValue(func() chan<- func() {
	queue := make(chan func())
	go func() {
		runtime.LockOSThread()
		for start := range queue {
			start()
		}
	}()
	return queue
})

// startProcess starts a process that never outlives this program, however that ends. The
// kernel sees to it, and counts by the thread that has started it (prctl(2),
// PR_SET_PDEATHSIG). The process is in a group of its own: a Ctrl-C is for the one who
// started the network, who ends it in order.
func startProcess(command *exec.Cmd) error {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	result := make(chan error)
	starts() <- func() { result <- command.Start() }
	return <-result
}
