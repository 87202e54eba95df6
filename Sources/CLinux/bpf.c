#define _GNU_SOURCE
#include "CLinux.h"
#include "result.h"

#include <linux/bpf.h>
#include <string.h>

/* The kernel refuses a structure with anything but zeros in the parts that a command does not use. */
static int bpf(int command, union bpf_attr *attributes) {
    return (int)SYSCALL(SYS_bpf, command, attributes, sizeof *attributes);
}

int clinux_bpf_load_device_program(const void *instructions, size_t count, const char *license, void *log,
                                   size_t log_size) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attributes.insns = (uint64_t)(uintptr_t)instructions;
    attributes.insn_cnt = (uint32_t)count;
    attributes.license = (uint64_t)(uintptr_t)license;
    if (log != NULL) {
        attributes.log_buf = (uint64_t)(uintptr_t)log;
        attributes.log_size = (uint32_t)log_size;
        attributes.log_level = 1;
    }
    return bpf(BPF_PROG_LOAD, &attributes);
}

int clinux_bpf_attach_device_program(int cgroup, int program, unsigned flags, int replaced) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.target_fd = (uint32_t)cgroup;
    attributes.attach_bpf_fd = (uint32_t)program;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    attributes.attach_flags = flags;
    if (flags & BPF_F_REPLACE)
        attributes.replace_bpf_fd = (uint32_t)replaced;
    return bpf(BPF_PROG_ATTACH, &attributes);
}

int clinux_bpf_detach_device_program(int cgroup, int program) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.target_fd = (uint32_t)cgroup;
    attributes.attach_bpf_fd = (uint32_t)program;
    attributes.attach_type = BPF_CGROUP_DEVICE;
    return bpf(BPF_PROG_DETACH, &attributes);
}

int clinux_bpf_query_device_programs(int cgroup, uint32_t *ids, uint32_t *count, uint32_t *attach_flags) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.query.target_fd = (uint32_t)cgroup;
    attributes.query.attach_type = BPF_CGROUP_DEVICE;
    attributes.query.prog_ids = (uint64_t)(uintptr_t)ids;
    attributes.query.prog_cnt = *count;
    int result = bpf(BPF_PROG_QUERY, &attributes);
    *count = attributes.query.prog_cnt;
    *attach_flags = attributes.query.attach_flags;
    return result;
}

int clinux_bpf_program_by_id(uint32_t id) {
    union bpf_attr attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.prog_id = id;
    return bpf(BPF_PROG_GET_FD_BY_ID, &attributes);
}
