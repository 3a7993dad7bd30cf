//go:build linux

// The first and only program of the emulated machine: it runs /program with the
// arguments in /arguments, one a line, and the environment in /environment, in
// /directory, says at the serial port what that prints, and turns the machine off.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

func main() {
	for _, system := range [][2]string{{"proc", "/proc"}, {"sysfs", "/sys"}, {"devtmpfs", "/dev"}, {"tmpfs", "/tmp"}} {
		if err := syscall.Mount(system[0], system[1], system[0], 0, ""); err != nil {
			fmt.Println(system[1], err)
		}
	}
	serial, err := os.OpenFile("/dev/ttyS0", os.O_RDWR, 0)
	if err == nil {
		run(serial)
	}
	syscall.Reboot(syscall.LINUX_REBOOT_CMD_POWER_OFF)
}

// run runs the program between two lines by which its output is found, and waits until the port has sent all.
func run(serial *os.File) {
	program := exec.Command("/program", lines("/arguments")...)
	program.Dir, program.Env = "/directory", append(lines("/environment"), "HOME=/tmp", "TMPDIR=/tmp")
	program.Stdout, program.Stderr = serial, serial
	fmt.Fprintln(serial, "=== begin")
	fmt.Fprintln(serial, "=== end", program.Run())
	const drain = 0x5409 // TCSBRK
	syscall.Syscall(syscall.SYS_IOCTL, serial.Fd(), drain, 1)
}

// lines are those of a file, none if it is empty or missing.
func lines(name string) []string {
	text, _ := os.ReadFile(name)
	return strings.FieldsFunc(string(text), func(r rune) bool { return r == '\n' })
}
