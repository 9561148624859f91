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

    /// Deletes contents of files that are archived. One that can't be deleted now is at the next start.
    func delete(_ keys: [String], log: Logger) async {
        for key in keys {
            do throws(SystemError) {
                try await content(key).delete()
            } catch {
                log.warning(
                    "a deleted file's content stays until the next start",
                    [("key", .string(key)), ("error", .string(error.description))]
                )
            }
        }
    }

    /// Deletes what broken uploads have left, and what no file is known of; goes on with what was begun and is known: once,
    /// before the host serves. What another process writes just now stays.
    package func sweep(_ store: any FileStore, log: Logger) async throws {
        let sweeper = FileSweeper(folder: path, thread: threads[0])
        for tenant in try await sweeper.tenants() {
            // The folder first: what is in its place by then was known before it got there.
            let contents = try await sweeper.contents(of: tenant)
            let known = try await store.contentKeys(tenant: tenant)
            if known == ContentKeys(), contents.contains(where: \.isWhole) {
                log.warning(
                    "files of a tenant that this database knows none of stay",
                    [("tenant", .string("\(tenant)"))]
                )
            }
            for content in contents {
                guard let ending = content.ending(known), try await sweeper.end(content, ending) else { continue }
                log.info(ending.message, [("key", .string(content.key))])
            }
        }
    }
}

/// A content as it lies in the folder.
struct LyingContent: Equatable {
    var key: String
    /// In its place, and not under its unfinished name.
    var isWhole: Bool

    enum Ending {
        case finish
        case delete

        var message: String {
            switch self {
            case .finish: "an upload was finished"
            case .delete: "a content that belongs to no file was deleted"
            }
        }
    }

    /// Nil for what is as it should be. Of a tenant that never had a file nothing whole is deleted: rather than all its
    /// files' rows, the right database is missing.
    func ending(_ known: ContentKeys) -> Ending? {
        let isKept = known.kept.contains(key)
        guard isWhole else { return isKept ? .finish : .delete }
        return isKept || known == ContentKeys() ? nil : .delete
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

    func tenants() throws(SystemError) -> [UUID] {
        try entries(folder).compactMap(Self.id)
    }

    /// Whatever else lies there is nobody's business here.
    func contents(of tenant: UUID) throws(SystemError) -> [LyingContent] {
        try entries("\(folder)/\(tenant)").compactMap { name in
            let isWhole = !name.hasSuffix(FileContent.unfinished)
            let id = isWhole ? name : String(name.dropLast(FileContent.unfinished.count))
            return Self.id(id).map { LyingContent(key: "\(tenant)/\($0)", isWhole: isWhole) }
        }
    }

    /// Only as they are written here.
    private static func id(_ name: String) -> UUID? {
        UUID(name).flatMap { $0.description == name ? $0 : nil }
    }

    /// False where somebody works on it, or has ended it.
    func end(_ content: LyingContent, _ ending: LyingContent.Ending) throws(SystemError) -> Bool {
        let place = "\(folder)/\(content.key)"
        let path = content.isWhole ? place : place + FileContent.unfinished
        guard let file = try open(path), try file.status().st_mode & S_IFMT == S_IFREG else { return false }
        guard csystem_lock_exclusively(file.rawValue) == 0 else {
            guard errno == EWOULDBLOCK else { throw SystemError(call: "flock", subject: path) }
            return false
        }
        switch ending {
        case .finish:
            guard unsafe rename(path, place) == 0 else { throw SystemError(call: "rename", subject: path) }
        case .delete:
            guard unsafe unlink(path) == 0 else { throw SystemError(call: "unlink", subject: path) }
        }
        return true
    }

    /// Nil where there is none by now.
    private func open(_ path: String) throws(SystemError) -> FileDescriptor? {
        do throws(SystemError) {
            return try FileDescriptor.open(path, O_RDONLY | O_NOFOLLOW)
        } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
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
