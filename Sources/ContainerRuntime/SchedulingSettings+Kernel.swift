import LinuxSys
import OCISpec
import RuntimePlan

extension SchedulerSettings {
    /// Sets them; pid 0 is the caller.
    func set(of pid: Int32) throws(SyscallError) {
        var attributes = SchedulerAttributes(policy: policy.kernelValue)
        attributes.flags = flags
        attributes.nice = nice
        attributes.priority = priority
        attributes.runtime = runtimeNanoseconds
        attributes.deadline = deadlineNanoseconds
        attributes.period = periodNanoseconds
        try Scheduling.setAttributes(of: pid, to: attributes)
    }
}

extension IOPrioritySettings {
    /// Sets them; pid 0 is the caller. Of the one process there is yet: whatever it starts has them too.
    func set(of pid: Int32) throws(SyscallError) {
        try Scheduling.setIOPriority(of: pid, ioClass: ioClass.kernelValue, priority: priority)
    }
}
