internal import CSystem
internal import Glibc
internal import Platform

/// A runner's working directory: new, empty, its own, and gone afterwards with whatever the connector left in it.
///
/// As long as it is used it is locked (flock(2)); what a killed host left behind is not, and is removed at the next start.
struct ScratchFolder: ~Copyable {
    let descriptor: FileDescriptor
    private let path: String

    private static let prefix = "trainflow-runner-"

    init(for user: ConnectorHostConfiguration.User?) throws(SystemError) {
        let template = "\(Self.parent)/\(Self.prefix)XXXXXX"
        var bytes = Array(template.utf8CString)
        let isMade = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return false }
            return unsafe mkdtemp(start) != nil
        }
        guard isMade else { throw SystemError(call: "mkdtemp", subject: template) }
        let path = String(decoding: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        do throws(SystemError) {
            descriptor = try Self.prepare(path, for: user)
        } catch {
            unsafe rmdir(path)
            throw error
        }
        self.path = path
    }

    private static func prepare(
        _ path: String,
        for user: ConnectorHostConfiguration.User?
    ) throws(SystemError) -> FileDescriptor {
        let folder = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
        guard csystem_lock_exclusively(folder.rawValue) == 0 else { throw SystemError(call: "flock", subject: path) }
        if let user, fchown(folder.rawValue, user.uid, user.gid) != 0 {
            throw SystemError(call: "fchown", subject: path)
        }
        return folder
    }

    deinit {
        // What can't be removed now stays unlocked, and the next host tries again.
        _ = csystem_empty_folder(descriptor.rawValue)
        _ = unsafe rmdir(path)
    }

    private static var parent: String {
        guard let folder = unsafe getenv("TMPDIR") else { return "/tmp" }
        let text = unsafe String(cString: folder)
        return text.hasPrefix("/") ? text : "/tmp"
    }

    /// Removes the folders of hosts that were killed; answers how many. Younger ones may stand between their making and
    /// their lock.
    static func removeAbandoned(olderThan age: Duration) throws(SystemError) -> Int {
        var removed = 0
        let folder = try FileDescriptor.open(parent, O_RDONLY | O_DIRECTORY)
        for name in try folder.entries() where name.hasPrefix(prefix) {
            let path = "\(parent)/\(name)"
            do throws(SystemError) {
                let scratch = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
                let seconds = time(nil) - Int(try scratch.status().st_ctim.tv_sec)
                guard .seconds(seconds) >= age, csystem_lock_exclusively(scratch.rawValue) == 0,
                    csystem_empty_folder(scratch.rawValue) == 0, unsafe rmdir(path) == 0
                else { continue }
                removed += 1
            } catch  where error.code == EACCES || error.code == ENOENT || error.code == ENOTDIR || error.code == ELOOP
            {
                // Another user's, gone already, or no folder.
                continue
            }
        }
        return removed
    }
}
