internal import CSystem
internal import Glibc
internal import Platform

/// A started `trainflow-runner`: its process, and the host's ends of its sockets and pipes.
///
/// Whoever holds it must `reap` it; until then its number can't be another process's.
struct RunnerProcess: ~Copyable {
    let number: pid_t
    /// Turns readable when the process ends. pidfd_open(2).
    let handle: FileDescriptor
    let control: FileDescriptor
    let data: SharedDescriptor
    let output: FileDescriptor
    let errors: FileDescriptor

    struct Launch: Sendable {
        var path: String
        var arguments: [String]
        var user: ConnectorHostConfiguration.User?
        var connector: SealedFile
        var inputs: [SharedDescriptor]
    }

    /// Starts the runner. Call it on a thread that outlives the runner: the kernel kills it when that thread ends
    /// (PR_SET_PDEATHSIG).
    init(_ launch: Launch, scratch: borrowing ScratchFolder) throws(SystemError) {
        let control = try Ends.socketPair()
        let data = try Ends.socketPair()
        let output = try Ends.pipe()
        let errors = try Ends.pipe()
        let nothing = try FileDescriptor.open("/dev/null", O_RDONLY)
        let runtime = try SwiftRuntime.openFolder()
        var descriptors: [CInt] = [nothing.rawValue, 0, output.theirs.rawValue, 1, errors.theirs.rawValue, 2]
        descriptors += [control.theirs.rawValue, 3, launch.connector.descriptor.rawValue, 4, data.theirs.rawValue, 5]
        var environment = ["SWIFT_BACKTRACE=enable=no", "LANG=C.UTF-8", "TZ=UTC"]
        // `if let` would consume it, and close it before the runner has it; `switch` looks at it where it is.
        switch runtime {
        case let folder?:
            descriptors += [folder.rawValue, 6]
            environment.append("LD_LIBRARY_PATH=/proc/self/fd/6")
        case nil: break
        }
        descriptors += [scratch.descriptor.rawValue, 7]
        for (place, input) in launch.inputs.enumerated() {
            descriptors += [input.descriptor.rawValue, CInt(8 + place)]
        }
        let number = try Self.spawn(launch, descriptors: descriptors, environment: environment)
        let handle = try Self.handle(of: number)
        self.number = number
        self.handle = handle
        self.control = control.ours
        self.data = SharedDescriptor(data.ours)
        self.output = output.ours
        self.errors = errors.ours
    }

    private static func handle(of number: pid_t) throws(SystemError) -> FileDescriptor {
        let handle = csystem_pidfd_open(number)
        if handle >= 0 { return FileDescriptor(owning: handle) }
        let error = SystemError(call: "pidfd_open")
        _ = Glibc.kill(number, SIGKILL)
        waitpid(number, nil, 0)
        throw error
    }

    /// Kills it, unless it is gone already.
    borrowing func kill() {
        _ = csystem_pidfd_send_signal(handle.rawValue, SIGKILL)
    }

    /// Waits for its end, takes it from the process table, and ends its process group.
    consuming func reap() throws(SystemError) -> RunnerExit {
        // Before the wait, while the number is still the runner's own: afterwards it may be another group's.
        _ = Glibc.kill(-number, SIGKILL)
        var isSignaled: CInt = 0
        var status: CInt = 0
        guard unsafe csystem_pidfd_wait(handle.rawValue, &isSignaled, &status) == 0 else {
            throw SystemError(call: "waitid")
        }
        return isSignaled != 0 ? .signaled(status) : .exited(status)
    }

    private static func spawn(
        _ launch: Launch,
        descriptors: [CInt],
        environment: [String]
    ) throws(SystemError) -> pid_t {
        var process: pid_t = 0
        let arguments = CStrings([launch.path] + launch.arguments)
        let variables = CStrings(environment)
        let code = unsafe csystem_spawn(
            &process,
            launch.path,
            arguments.pointers,
            variables.pointers,
            descriptors,
            descriptors.count / 2
        )
        guard code == 0 else { throw SystemError(call: "posix_spawn", subject: launch.path, code: code) }
        return process
    }
}

/// Both ends of a connection: the runner's is closed here once it has been passed on.
private struct Ends: ~Copyable {
    let ours: FileDescriptor
    let theirs: FileDescriptor

    static func socketPair() throws(SystemError) -> Ends {
        var first: CInt = -1
        var second: CInt = -1
        guard unsafe csystem_socketpair(&first, &second) == 0 else { throw SystemError(call: "socketpair") }
        return Ends(ours: FileDescriptor(owning: first), theirs: FileDescriptor(owning: second))
    }

    /// Ours is the end to read, and never blocks.
    static func pipe() throws(SystemError) -> Ends {
        var reading: CInt = -1
        var writing: CInt = -1
        guard unsafe csystem_pipe(&reading, &writing) == 0 else { throw SystemError(call: "pipe") }
        let ends = Ends(ours: FileDescriptor(owning: reading), theirs: FileDescriptor(owning: writing))
        guard fcntl(reading, F_SETFL, O_NONBLOCK) == 0 else { throw SystemError(call: "fcntl") }
        return ends
    }
}

/// A null-terminated array of C strings, freed with its owner.
@safe
private struct CStrings: ~Copyable {
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    init(_ texts: [String]) {
        count = texts.count
        unsafe pointers = .allocate(capacity: count + 1)
        for (place, text) in texts.enumerated() { unsafe pointers[place] = strdup(text) }
        unsafe pointers[count] = nil
    }

    deinit {
        for place in 0..<count { unsafe free(pointers[place]) }
        unsafe pointers.deallocate()
    }
}
