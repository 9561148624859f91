import Glibc
import Platform
import Testing

struct `Files and errors` {
    @Test func `a failed call names itself, its subject and the system's reason`() {
        let error = #expect(throws: SystemError.self) { _ = try FileDescriptor.open("/nowhere/at/all", O_RDONLY) }
        #expect(error?.description == "open /nowhere/at/all: No such file or directory")
        #expect(error?.code == ENOENT)
        #expect(SystemError(call: "poll", code: 9_999).description == "poll: unknown error")
    }

    @Test func `a descriptor is closed with its owner, and not when it was given away`() throws {
        func isOpen(_ descriptor: CInt) -> Bool { fcntl(descriptor, F_GETFD) != -1 }
        var number: CInt = -1
        do {
            let file = try FileDescriptor.open("/dev/null", O_RDWR)
            number = file.rawValue
            #expect(isOpen(number))
            #expect(fcntl(number, F_GETFD) & FD_CLOEXEC != 0)
        }
        #expect(!isOpen(number))
        let released = try FileDescriptor.open("/dev/null", O_RDWR).release()
        #expect(isOpen(released))
        close(released)
    }
}

@Suite(.serialized) struct `Threads of one's own` {
    @Test(.timeLimit(.minutes(1)))
    func `an actor's jobs run in order on its thread, and the thread ends with it`() async {
        var actor: Worker? = Worker(name: "trainflow-test")
        for number in 0..<1_000 { await actor?.note(number) }
        let notes = await actor?.notes ?? []
        #expect(notes.map(\.number) == Array(0..<1_000))
        #expect(Set(notes.map(\.thread)) == ["trainflow-test"])
        #expect(threadNames().contains("trainflow-test"))
        actor = nil
        // Joining isn't offered (the thread is detached): look until the kernel has forgotten it.
        while threadNames().contains("trainflow-test") { await Task.yield() }
    }

    @Test func `jobs given by many tasks at once all run`() async {
        let actor = Worker(name: "trainflow-many")
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { for step in 0..<500 { await actor.note(task * 500 + step) } }
            }
        }
        let numbers = await actor.notes.map(\.number)
        #expect(numbers.sorted() == Array(0..<4_000))
        for task in 0..<8 { #expect(numbers.filter { $0 / 500 == task } == Array(task * 500..<(task + 1) * 500)) }
    }

    private func threadNames() -> [String] {
        var names: [String] = []
        guard let folder = unsafe opendir("/proc/self/task") else { return names }
        while let entry = unsafe readdir(folder) {
            let thread = unsafe withUnsafeBytes(of: entry.pointee.d_name) { name in
                unsafe String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let name = threadName("/proc/self/task/\(thread)/comm") { names.append(name) }
        }
        unsafe closedir(folder)
        return names
    }
}

/// A thread's name as the kernel has it; nil once the thread is gone.
private func threadName(_ path: String) -> String? {
    guard let file = unsafe fopen(path, "r") else { return nil }
    var line = [UInt8](repeating: 0, count: 32)
    let count = unsafe line.withUnsafeMutableBytes { unsafe fread($0.baseAddress, 1, $0.count, file) }
    unsafe fclose(file)
    return String(decoding: line[..<count].filter { $0 != 0x0A }, as: UTF8.self)
}

private actor Worker {
    struct Note {
        var number: Int
        var thread: String?
    }

    private let executor: ThreadExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

    private(set) var notes: [Note] = []

    init(name: String) {
        executor = ThreadExecutor(name: name)
    }

    func note(_ number: Int) {
        notes.append(Note(number: number, thread: threadName("/proc/thread-self/comm")))
    }
}
