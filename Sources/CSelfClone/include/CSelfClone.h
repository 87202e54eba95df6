#ifndef CSELFCLONE_H
#define CSELFCLONE_H

/*
 * Linking this into a program makes its commands create, run, exec and restore run from a copy of the program that
 * nobody can write to. There is nothing to call: a constructor does it before main, and before the Swift runtime.
 *
 * Why: a process of a container can open /proc/PID/exe of a runtime that has entered the container, and write to the
 * file once the runtime has ended (CVE-2019-5736). With this it meets a mount that is read-only, that is attached to no
 * mount namespace, and that nobody has a descriptor of, so that not even CAP_SYS_ADMIN can make it writable; or, where
 * the kernel refuses such mounts, a sealed memory file, or an unnamed temporary file that is used once.
 *
 * Arguments and environment reach main as they were given. When no copy can be made, the variable
 * RAIND_OCI_SELF_CLONE_FAILURE says why, and main has to end with that as its error.
 */

#endif
