internal import Glibc
internal import Platform
internal import Time

/// What can be said about a database's place before it is opened, so that the message says it.
enum DatabasePath {
    static func check(_ path: String, mayBeMissing: Bool) throws(StoreError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw StoreError(.unavailable, "The database has no file name. Say --database sqlite:PATH.")
        }
        if isFolder(path) {
            throw StoreError(
                .unavailable,
                "\(path) is a folder, and the database is a file. Say --database sqlite:\(path)/trainflow.db."
            )
        }
        let folder = folder(of: path)
        guard isFolder(folder) else {
            throw StoreError(
                .unavailable,
                "The database's folder \(folder) isn't there. Make it, or name another place with "
                    + "--database sqlite:PATH."
            )
        }
        if !mayBeMissing, !exists(path) {
            throw StoreError(.notMigrated, "There is no database at \(path). `trainflow migrate` makes it.")
        }
    }

    /// The lock file stands beside the database, so that whoever may write the one can make the other.
    static func lock(_ path: String, command: String, now: Instant) throws(StoreError) -> FileLock {
        do throws(FileLock.Failure) {
            return try FileLock.acquire("\(path).lock", holder: .this(command: command, since: "\(now)"))
        } catch {
            throw refusal(error, path: path)
        }
    }

    static func refusal(_ failure: FileLock.Failure, path: String) -> StoreError {
        switch failure {
        case .held(let holder?):
            StoreError(
                .busy,
                "\(path) is open in process \(holder.process) (`\(holder.command)`, since \(holder.since)). "
                    + "Use that process (its HTTP API, if it serves), or stop it: kill \(holder.process)."
            )
        case .held(nil):
            StoreError(.busy, "\(path) is open in another process. Stop it, or use its HTTP API.")
        case .system(let error) where [EACCES, EPERM, EROFS].contains(error.code):
            StoreError(
                .readOnly,
                "\(path) can't be written here. Give this user the right to write the file and its folder, "
                    + "or name another file with --database sqlite:PATH.",
                cause: error.description
            )
        case .system(let error) where [ENOSPC, EDQUOT].contains(error.code):
            StoreError(
                .full,
                "The disk that holds \(path) is full. Free space there and start again.",
                cause: error.description
            )
        case .system(let error):
            StoreError(.unavailable, "\(path) can't be locked: \(error.reason).", cause: error.description)
        }
    }

    static func exists(_ path: String) -> Bool {
        kind(of: path) != nil
    }

    private static func isFolder(_ path: String) -> Bool {
        kind(of: path) == S_IFDIR
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The file type bits of stat(2); nil for whatever can't be seen: the real opening says why.
    private static func kind(of path: String) -> mode_t? {
        var information = stat()
        guard unsafe stat(path, &information) == 0 else { return nil }
        return information.st_mode & S_IFMT
    }
}
