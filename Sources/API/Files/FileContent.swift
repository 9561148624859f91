internal import CSystem
internal import Crypto
internal import Glibc
internal import Platform

/// One uploaded file's content, on a thread where it may block: written under a name of its own, and moved to its place
/// once it is whole and known.
///
/// While it is written it is locked, so that whoever sweeps leftovers knows them from work under way.
actor FileContent {
    /// What the name of a content ends with that is not whole, or is being deleted.
    static let unfinished = ".part"

    /// What was written.
    struct Written: Sendable {
        var size: Int64
        var sha256: [UInt8]
        /// The first bytes, at most `FirstLook.bytes`.
        var head: [UInt8]
    }

    nonisolated let key: String
    private let folder: String
    private let thread: ThreadExecutor
    private var file: OpenContent?
    private var hash: SHA256?
    private var size: Int64 = 0
    private var head: [UInt8] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    init(folder: String, key: String, thread: ThreadExecutor) {
        self.folder = folder
        self.key = key
        self.thread = thread
    }

    private var path: String { "\(folder)/\(key)" }
    private var unfinishedPath: String { path + Self.unfinished }
    /// The tenant's folder.
    private var parent: String {
        "\(folder)/\(key.prefix { $0 != "/" })"
    }

    // MARK: - Writing

    func begin() throws(SystemError) {
        for folder in [folder, parent] {
            if unsafe mkdir(folder, 0o700) == 0 {
                // Or a power cut takes the folder, with all that was synced in it.
                try sync("\(folder)/..")
            } else if errno != EEXIST {
                throw SystemError(call: "mkdir", subject: folder)
            }
        }
        let new = try FileDescriptor.open(unfinishedPath, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        guard csystem_lock_exclusively(new.rawValue) == 0 else {
            throw SystemError(call: "flock", subject: unfinishedPath)
        }
        file = OpenContent(new)
        hash = SHA256()
    }

    func write(_ bytes: [UInt8]) throws(SystemError) {
        guard let file else { throw SystemError(call: "write", subject: unfinishedPath, code: EBADF) }
        do throws(SystemError) {
            try file.descriptor.writeAll(bytes)
        } catch {
            throw SystemError(call: error.call, subject: unfinishedPath, code: error.code)
        }
        hash?.update(bytes)
        size += Int64(bytes.count)
        if head.count < FirstLook.bytes { head += bytes.prefix(FirstLook.bytes - head.count) }
    }

    /// All is there: from here on a power cut takes none of it.
    func written() throws(SystemError) -> Written {
        guard let file, let hash = hash.take() else {
            throw SystemError(call: "fsync", subject: unfinishedPath, code: EBADF)
        }
        guard fsync(file.descriptor.rawValue) == 0 else { throw SystemError(call: "fsync", subject: unfinishedPath) }
        return Written(size: size, sha256: hash.finish().bytes, head: head)
    }

    /// Moves it to its place.
    func keep() throws(SystemError) {
        try move(unfinishedPath, to: path)
        close()
    }

    /// Deletes what was written.
    func discard() throws(SystemError) {
        close()
        guard unsafe unlink(unfinishedPath) == 0 || errno == ENOENT else {
            throw SystemError(call: "unlink", subject: unfinishedPath)
        }
    }

    // MARK: - Deleting

    /// Out of its place, so that a sweep ends what a dead process has begun. Nothing happens if it is gone already.
    func takeAway() throws(SystemError) {
        do throws(SystemError) {
            try move(path, to: unfinishedPath)
        } catch {
            guard error.call == "rename", error.code == ENOENT else { throw error }
        }
    }

    /// Back in its place: it is not deleted after all.
    func putBack() throws(SystemError) {
        try move(unfinishedPath, to: path)
    }

    /// Wherever it lies, of a file that is archived: whatever a power cut brings back, the next sweep deletes.
    func delete() throws(SystemError) {
        for path in [path, unfinishedPath] {
            guard unsafe unlink(path) == 0 || errno == ENOENT else {
                throw SystemError(call: "unlink", subject: path)
            }
        }
    }

    /// Unlocked only when it has another name, or none.
    private func close() {
        guard let file = file.take() else { return }
        // A runner that is being started has the descriptor until its exec, and with it the lock.
        csystem_unlock(file.descriptor.rawValue)
    }

    private func move(_ old: String, to new: String) throws(SystemError) {
        guard unsafe rename(old, new) == 0 else { throw SystemError(call: "rename", subject: old) }
        try sync(parent)
    }

    /// The folder's entries, so that a power cut takes none.
    private func sync(_ folder: String) throws(SystemError) {
        let descriptor = try FileDescriptor.open(folder, O_RDONLY | O_DIRECTORY)
        guard fsync(descriptor.rawValue) == 0 else { throw SystemError(call: "fsync", subject: folder) }
    }
}

/// Closed when nobody holds it any more.
private final class OpenContent: Sendable {
    let descriptor: FileDescriptor

    init(_ descriptor: consuming FileDescriptor) {
        self.descriptor = descriptor
    }
}

extension FileDescriptor {
    fileprivate borrowing func writeAll(_ bytes: [UInt8]) throws(SystemError) {
        let result: Result<Void, SystemError> = unsafe bytes.withUnsafeBytes { bytes in
            do throws(SystemError) {
                unsafe try writeAll(bytes)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }
}
