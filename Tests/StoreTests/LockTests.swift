import Glibc
import Platform
import TestSupport
import Testing

@Suite struct `A lock file` {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func acquire(_ command: String, process: Int32 = 77) throws(FileLock.Failure) -> FileLock {
        try FileLock.acquire(
            folder.file("a.lock"),
            holder: .init(process: process, command: command, since: "2026-05-28T00:00:00Z")
        )
    }

    @Test func `is held once, and says by whom`() throws {
        let lock = try acquire("trainflow serve\n--port 80")
        let failure = #expect(throws: FileLock.Failure.self) { try acquire("other") }
        let holder = FileLock.Holder(process: 77, command: "trainflow serve --port 80", since: "2026-05-28T00:00:00Z")
        #expect(failure == .held(by: holder))
        withExtendedLifetime(lock) {}
    }

    @Test func `is free again when its holder is gone, and names the next one alone`() throws {
        _ = try acquire("a long command line that leaves nothing behind", process: 1_234_567)
        let lock = try acquire("b", process: 8)
        #expect(String(decoding: try folder.read("a.lock"), as: UTF8.self) == "8\nb\n2026-05-28T00:00:00Z\n")
        withExtendedLifetime(lock) {}
    }

    @Test(arguments: ["", "half", "x\ny\nz\n", "1\n2\n3\n4\n"])
    func `whose text makes no sense names nobody`(text: String) throws {
        let lock = try acquire("a")
        // Written over where it lies, so that the lock on it stays.
        try FileDescriptor.open(lock.path, O_WRONLY | O_TRUNC).writeAll(text)
        let failure = #expect(throws: FileLock.Failure.self) { try acquire("b") }
        #expect(failure == .held(by: nil))
        withExtendedLifetime(lock) {}
    }

    @Test func `can be looked at without being taken or made`() throws {
        let path = folder.file("a.lock")
        #expect(try FileLock.state(path) == .free)
        #expect(throws: SystemError.self) { _ = try FileDescriptor.open(path, O_RDONLY) }
        let lock = try acquire("trainflow serve", process: 8)
        let holder = FileLock.Holder(process: 8, command: "trainflow serve", since: "2026-05-28T00:00:00Z")
        #expect(try FileLock.state(path) == .held(by: holder))
        withExtendedLifetime(lock) {}
        _ = consume lock
        #expect(try FileLock.state(path) == .free)
        let next = try acquire("b")
        withExtendedLifetime(next) {}
    }

    @Test func `in a folder that isn't there names the call and the file`() {
        let failure = #expect(throws: FileLock.Failure.self) {
            try FileLock.acquire(folder.file("none/a.lock"), holder: .init(process: 1, command: "a", since: "b"))
        }
        #expect(failure == .system(SystemError(call: "open", subject: folder.file("none/a.lock"), code: ENOENT)))
    }
}

extension FileDescriptor {
    fileprivate borrowing func writeAll(_ text: String) throws(SystemError) {
        var failure: SystemError?
        unsafe Array(text.utf8).withUnsafeBytes { bytes in
            do throws(SystemError) {
                try unsafe writeAll(bytes)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
