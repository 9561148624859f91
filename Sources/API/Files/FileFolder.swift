internal import CSystem
internal import Crypto
internal import Glibc
internal import Identifiers
internal import JSON
package import Log
internal import Platform
package import Store
internal import Synchronization

/// The folder where uploaded files lie: `TENANT/ID` once they are whole and known, `TENANT/ID.part` before and while they
/// are being deleted. Both are UUIDs: no name that anybody gave is part of a path.
package final class FileFolder: Sendable {
    package let path: String
    /// Where writing and syncing block, two files at once.
    private let threads = [ThreadExecutor(name: "files 1"), ThreadExecutor(name: "files 2")]
    private let next = Atomic<Int>(0)

    package init(_ path: String) {
        self.path = path
    }

    package static func path(of file: StoredFile, in folder: String) -> String {
        "\(folder)/\(file.draft.contentKey)"
    }

    func content(_ key: String) -> FileContent {
        let turn = next.add(1, ordering: .relaxed).oldValue
        return FileContent(folder: path, key: key, thread: threads[(turn & .max) % threads.count])
    }

    /// Under a name that nobody can foresee.
    func newContent(of tenant: UUID) -> FileContent {
        func word() -> UInt64 { randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) } }
        return content("\(tenant)/\(UUID(high: word(), low: word()))")
    }

    /// Deletes what broken uploads have left, and goes on with what was begun and is known: once, before the host serves.
    /// What another process writes just now stays.
    package func sweep(_ store: any FileStore, log: Logger) async throws {
        let sweeper = FileSweeper(folder: path, thread: threads[0])
        for key in try await sweeper.leftovers() {
            guard let tenant = key.split(separator: "/").first.flatMap({ UUID(String($0)) }) else { continue }
            let isKnown = try await store.file(contentKey: key, tenant: tenant) != nil
            if try await sweeper.settle(key, isKnown: isKnown) {
                log.info(isKnown ? "an upload was finished" : "a broken upload was deleted", [("key", .string(key))])
            }
        }
    }
}

/// Finds leftovers, and ends them.
private actor FileSweeper {
    private let thread: ThreadExecutor
    private let folder: String

    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

    init(folder: String, thread: ThreadExecutor) {
        self.folder = folder
        self.thread = thread
    }

    /// The keys of contents that are neither whole nor gone.
    func leftovers() throws(SystemError) -> [String] {
        var keys: [String] = []
        for tenant in try entries(folder) where UUID(tenant) != nil {
            for name in try entries("\(folder)/\(tenant)") where name.hasSuffix(FileContent.unfinished) {
                let id = String(name.dropLast(FileContent.unfinished.count))
                if UUID(id) != nil { keys.append("\(tenant)/\(id)") }
            }
        }
        return keys
    }

    /// False where somebody works on it.
    func settle(_ key: String, isKnown: Bool) throws(SystemError) -> Bool {
        let path = "\(folder)/\(key)"
        let file = try FileDescriptor.open(path + FileContent.unfinished, O_RDONLY | O_NOFOLLOW)
        guard csystem_lock_exclusively(file.rawValue) == 0 else {
            guard errno == EWOULDBLOCK else { throw SystemError(call: "flock", subject: path) }
            return false
        }
        if isKnown {
            guard unsafe rename(path + FileContent.unfinished, path) == 0 else {
                throw SystemError(call: "rename", subject: path)
            }
        } else {
            guard unsafe unlink(path + FileContent.unfinished) == 0 else {
                throw SystemError(call: "unlink", subject: path)
            }
        }
        return true
    }

    /// None where there is no folder yet.
    private func entries(_ path: String) throws(SystemError) -> [String] {
        do throws(SystemError) {
            return try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY).entries()
        } catch {
            guard error.call == "open", error.code == ENOENT else { throw error }
            return []
        }
    }
}
