internal import CSystem
internal import Glibc

/// The right of one process to write what lies beside the lock file: flock(2), given back when the value is released
/// or the process ends in whatever way. The file stays, with the newest holder's name in it.
package final class FileLock: Sendable {
    package let path: String
    private let descriptor: FileDescriptor

    /// Who holds a lock, as the file says it.
    package struct Holder: Sendable, Equatable {
        package var process: Int32
        package var command: String
        /// When it took the lock, as text.
        package var since: String

        package init(process: Int32, command: String, since: String) {
            self.process = process
            self.command = command
            self.since = since
        }

        /// The calling process.
        package static func this(command: String, since: String) -> Holder {
            Holder(process: getpid(), command: command, since: since)
        }
    }

    package enum Failure: Error, Sendable, Equatable {
        /// Another process has it; nil if it has not written its name yet.
        case held(by: Holder?)
        case system(SystemError)
    }

    private init(path: String, descriptor: consuming FileDescriptor) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        // Closing alone gives it back only when no child has the descriptor any more, and one that is being started has it
        // until its exec.
        csystem_unlock(descriptor.rawValue)
    }

    /// Takes the lock at once or not at all, and writes the holder's name into the file.
    package static func acquire(_ path: String, holder: Holder) throws(Failure) -> FileLock {
        let descriptor: FileDescriptor
        do throws(SystemError) {
            descriptor = try FileDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o644)
        } catch {
            throw .system(error)
        }
        guard csystem_lock_exclusively(descriptor.rawValue) == 0 else {
            guard errno == EWOULDBLOCK else { throw .system(SystemError(call: "flock", subject: path)) }
            throw .held(by: Holder(text: read(descriptor)))
        }
        do throws(SystemError) {
            try write(holder.text, to: descriptor, path: path)
        } catch {
            throw .system(error)
        }
        return FileLock(path: path, descriptor: descriptor)
    }

    /// Whether a process has the lock now. It is neither made nor kept: asked at the very moment in which another process
    /// takes it, that process may be refused.
    package static func state(_ path: String) throws(SystemError) -> State {
        let descriptor: FileDescriptor
        do throws(SystemError) {
            descriptor = try FileDescriptor.open(path, O_RDONLY)
        } catch {
            guard error.code == ENOENT else { throw error }
            return .free
        }
        guard csystem_lock_shared(descriptor.rawValue) == 0 else {
            guard errno == EWOULDBLOCK else { throw SystemError(call: "flock", subject: path) }
            return .held(by: Holder(text: read(descriptor)))
        }
        csystem_unlock(descriptor.rawValue)
        return .free
    }

    package enum State: Sendable, Equatable {
        case free
        /// By another process or another lock of this one; nil if it has not written its name yet.
        case held(by: Holder?)
    }

    private static func write(
        _ text: String,
        to descriptor: borrowing FileDescriptor,
        path: String
    ) throws(SystemError) {
        guard ftruncate(descriptor.rawValue, 0) == 0 else { throw SystemError(call: "ftruncate", subject: path) }
        let bytes = Array(text.utf8)
        let written = unsafe bytes.withUnsafeBytes { bytes in
            unsafe pwrite(descriptor.rawValue, bytes.baseAddress, bytes.count, 0)
        }
        guard written == bytes.count else { throw SystemError(call: "pwrite", subject: path) }
    }

    /// What stands in the file, for a message only: empty if it can't be read.
    private static func read(_ descriptor: borrowing FileDescriptor) -> String {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = unsafe bytes.withUnsafeMutableBytes { bytes in
            unsafe pread(descriptor.rawValue, bytes.baseAddress, bytes.count, 0)
        }
        return String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
    }
}

extension FileLock.Holder {
    /// Three lines: process, command, since.
    fileprivate var text: String {
        let command = command.prefix(1_000).map { $0.isNewline ? " " : $0 }
        return "\(process)\n\(String(command))\n\(since)\n"
    }

    fileprivate init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, let process = Int32(lines[0]) else { return nil }
        self.init(process: process, command: String(lines[1]), since: String(lines[2]))
    }
}
