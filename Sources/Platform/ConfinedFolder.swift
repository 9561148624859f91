internal import CSystem
internal import Glibc

/// A folder that nothing in it leads out of: its files are reached part by part, each opened in the one before, and no
/// symbolic link is followed.
///
/// The same as openat2(2) with RESOLVE_BENEATH and RESOLVE_NO_SYMLINKS, on every kernel, and it tells which part is wrong.
package struct ConfinedFolder: Sendable, Hashable {
    /// The folder that it lies in; links in this path are followed.
    package let parent: String
    package let name: String

    package init(parent: String, name: String) {
        self.parent = parent
        self.name = name
    }

    /// What lies in a folder.
    package struct Entry: Sendable, Equatable {
        package var name: String
        package var kind: Kind
        package var identity: FileIdentity

        package enum Kind: Sendable, Equatable {
            case file
            /// A file that has other names too, wherever they are: hard links.
            case sharedFile
            case folder
            case link
            /// A pipe, a socket, a device.
            case special
            /// Its name is no UTF-8, so that nobody can ask for it.
            case unreadableName
        }
    }

    // MARK: - Looking and opening

    /// What lies in a folder, at most so much; nil where there is no such folder.
    package func entries(of path: [String], limit: Int = .max) throws(ConfinementError) -> [Entry]? {
        do throws(ConfinementError) {
            let folder = try openFolder(path)
            let names = try Self.translated(path) { () throws(SystemError) in try folder.entries(limit: limit) }
            var entries: [Entry] = []
            for name in names {
                if let entry = try Self.entry(name, in: folder, path) { entries.append(entry) }
            }
            return entries
        } catch {
            guard error.reason == .missing else { throw error }
            return nil
        }
    }

    /// What lies under a path; nil where there is nothing.
    package func entry(_ path: [String]) throws(ConfinementError) -> Entry? {
        guard let name = path.last else { return nil }
        guard Self.isName(name) else { throw ConfinementError(.outside, path) }
        do throws(ConfinementError) {
            let folder = try openFolder(path.dropLast())
            return try Self.entry(name, in: folder, path.dropLast())
        } catch {
            guard error.reason == .missing else { throw error }
            return nil
        }
    }

    /// Opens a file to be read: a regular one with one name.
    ///
    /// - Parameter identity: what it must still be; nil for whatever it is.
    package func open(
        _ path: [String],
        identity: FileIdentity? = nil
    ) throws(ConfinementError) -> FileDescriptor {
        guard let name = path.last else { throw ConfinementError(.missing, path) }
        let folder = try openFolder(path.dropLast())
        // Looked at first, for opening alone does something to a device.
        guard let entry = try Self.entry(name, in: folder, path.dropLast()) else {
            throw ConfinementError(.missing, path)
        }
        switch entry.kind {
        case .file: break
        case .sharedFile: throw ConfinementError(.sharedFile, path)
        case .link: throw ConfinementError(.link, path)
        case .folder, .special, .unreadableName: throw ConfinementError(.noFile, path)
        }
        let file = try Self.open(name, in: folder, O_RDONLY, path)
        let status = try Self.translated(path) { () throws(SystemError) in try file.status() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ConfinementError(.noFile, path) }
        guard status.st_nlink <= 1 else { throw ConfinementError(.sharedFile, path) }
        if let identity, FileIdentity(status) != identity { throw ConfinementError(.changed, path) }
        return file
    }

    // MARK: - Moving

    /// Moves a file into another folder, which is made where it is missing; answers the name that it has there, or nil if
    /// the file is not there any more, or another one has its name.
    package func move(
        _ path: [String],
        identity: FileIdentity,
        into folder: [String]
    ) throws(ConfinementError) -> String? {
        guard let name = path.last else { return nil }
        let source: FileDescriptor
        do throws(ConfinementError) {
            source = try openFolder(path.dropLast())
        } catch {
            guard error.reason == .missing else { throw error }
            return nil
        }
        let target = try makeFolder(folder)
        guard try Self.entry(name, in: source, path.dropLast())?.identity.isSameFile(as: identity) == true else {
            return nil
        }
        let new = try Self.move(name, from: source, to: target, path)
        // Another file may have come under the name just then: it is not ours to move.
        guard try Self.entry(new, in: target, folder)?.identity.isSameFile(as: identity) == true else {
            _ = unsafe csystem_move_in(target.rawValue, new, source.rawValue, name)
            return nil
        }
        for descriptor in [source.rawValue, target.rawValue] where fsync(descriptor) != 0 {
            throw ConfinementError(.system(SystemError(call: "fsync")), folder)
        }
        return new
    }

    /// Under its own name, or `NAME~2` and so on where that is taken.
    private static func move(
        _ name: String,
        from source: borrowing FileDescriptor,
        to target: borrowing FileDescriptor,
        _ path: [String]
    ) throws(ConfinementError) -> String {
        for number in 1...10_000 {
            let new = numbered(name, number)
            if unsafe csystem_move_in(source.rawValue, name, target.rawValue, new) == 0 { return new }
            guard errno == EEXIST else { break }
        }
        throw ConfinementError(.system(SystemError(call: "rename")), path)
    }

    /// limits.h: NAME_MAX.
    private static let mostNameBytes = 255

    /// `people.csv~2`: with an end left out of it where it would be too long for a name.
    private static func numbered(_ name: String, _ number: Int) -> String {
        guard number > 1 else { return name }
        let mark = "~\(number)"
        var kept = Substring(name).unicodeScalars
        while kept.reduce(mark.utf8.count, { $0 + UTF8.width($1) }) > mostNameBytes { kept.removeLast() }
        return String(kept) + mark
    }

    /// Makes what is missing of a folder's path.
    private func makeFolder(_ path: [String]) throws(ConfinementError) -> FileDescriptor {
        var folder = try openFolder([])
        for (depth, part) in path.enumerated() {
            let here = Array(path[...depth])
            guard unsafe mkdirat(folder.rawValue, part, 0o770) == 0 || errno == EEXIST else {
                throw ConfinementError(.system(SystemError(call: "mkdir")), here)
            }
            do throws(ConfinementError) {
                folder = try Self.open(part, in: folder, O_RDONLY | O_DIRECTORY, here)
            } catch {
                // Something is there, or mkdir(2) would have made it.
                guard error.reason == .missing else { throw error }
                throw ConfinementError(.system(SystemError(call: "open", code: ENOTDIR)), here)
            }
        }
        return folder
    }

    // MARK: - One part after the other

    private func openFolder(_ path: [String]) throws(ConfinementError) -> FileDescriptor {
        let outside = try Self.translated([]) { () throws(SystemError) in
            try FileDescriptor.open(parent, O_RDONLY | O_DIRECTORY)
        }
        var folder = try Self.open(name, in: outside, O_RDONLY | O_DIRECTORY, [])
        for (depth, part) in path.enumerated() {
            folder = try Self.open(part, in: folder, O_RDONLY | O_DIRECTORY, Array(path[...depth]))
        }
        return folder
    }

    private static func open(
        _ part: String,
        in folder: borrowing FileDescriptor,
        _ flags: CInt,
        _ path: [String]
    ) throws(ConfinementError) -> FileDescriptor {
        guard isName(part) else { throw ConfinementError(.outside, path) }
        let descriptor = unsafe csystem_open_in(folder.rawValue, part, flags)
        guard descriptor < 0 else { return FileDescriptor(owning: descriptor) }
        let error = SystemError(call: "open")
        // open(2): a link with O_NOFOLLOW is ELOOP, or ENOTDIR where a folder is wanted.
        if error.code == ELOOP { throw ConfinementError(.link, path) }
        if error.code == ENOTDIR {
            let kind = try entry(part, in: folder, path.dropLast())?.kind
            throw ConfinementError(kind == .link ? .link : .missing, path)
        }
        throw ConfinementError(error.code == ENOENT ? .missing : .system(error), path)
    }

    /// Whether it can be the name of something in a folder, and of nothing elsewhere.
    private static func isName(_ part: String) -> Bool {
        !part.isEmpty && part != "." && part != ".." && !part.utf8.contains(0x2F) && !part.utf8.contains(0)
    }

    /// Nil where there is none by now. fstatat(2).
    private static func entry(
        _ name: String,
        in folder: borrowing FileDescriptor,
        _ path: [String]
    ) throws(ConfinementError) -> Entry? {
        var status = stat()
        guard unsafe fstatat(folder.rawValue, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            let error = SystemError(call: "stat")
            // Too long for a name: nothing can be called so.
            guard error.code == ENOENT || error.code == ENAMETOOLONG else {
                throw ConfinementError(.system(error), path + [name])
            }
            guard name.unicodeScalars.contains("\u{FFFD}") else { return nil }
            return Entry(name: name, kind: .unreadableName, identity: FileIdentity(status))
        }
        let kind: Entry.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: status.st_nlink > 1 ? .sharedFile : .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .special
            }
        return Entry(name: name, kind: kind, identity: FileIdentity(status))
    }

    private static func translated<Value: ~Copyable>(
        _ path: [String],
        _ body: () throws(SystemError) -> Value
    ) throws(ConfinementError) -> Value {
        do throws(SystemError) {
            return try body()
        } catch {
            throw ConfinementError(error.code == ENOENT ? .missing : .system(error), path)
        }
    }
}

/// What tells a file from another, and from itself after a change. fstat(2).
package struct FileIdentity: Sendable, Hashable {
    package var inode: UInt64
    /// Bytes.
    package var size: Int64
    /// When its content was last changed, as whoever changes it may claim: nanoseconds since 1970-01-01T00:00:00Z.
    package var modified: Int64
    /// When the system saw it change, its name and rights included: the same unit; nobody can set it.
    package var changed: Int64

    package init(inode: UInt64, size: Int64, modified: Int64, changed: Int64) {
        self.inode = inode
        self.size = size
        self.modified = modified
        self.changed = changed
    }

    init(_ status: stat) {
        inode = UInt64(status.st_ino)
        size = Int64(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
    }

    package init(of file: borrowing FileDescriptor) throws(SystemError) {
        self.init(try file.status())
    }

    /// The same content in the same place, whatever it is called by now.
    package func isSameFile(as other: FileIdentity) -> Bool {
        (inode, size, modified) == (other.inode, other.size, other.modified)
    }

    private static func nanoseconds(_ time: timespec) -> Int64 {
        Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
    }
}

/// Why something in a confined folder can't be reached.
package struct ConfinementError: Error, Sendable, Equatable, CustomStringConvertible {
    package var reason: Reason
    /// The part of it that is wrong, in the folder; empty for the folder itself.
    package var path: String

    package enum Reason: Sendable, Equatable {
        case missing
        /// A symbolic link.
        case link
        /// Not a regular file.
        case noFile
        /// A file that has other names too.
        case sharedFile
        /// A part that leads elsewhere: `..`, an empty one.
        case outside
        /// It is not what it was.
        case changed
        case system(SystemError)
    }

    package init(_ reason: Reason, _ path: [String]) {
        self.reason = reason
        self.path = path.joined(separator: "/")
    }

    package var description: String {
        let subject = path.isEmpty ? "The folder" : path
        return switch reason {
        case .missing: "\(subject) is not there (any more)"
        case .link: "\(subject) is a symbolic link, and none is followed: put the file itself there"
        case .noFile: "\(subject) is no regular file: a folder, a pipe or a device"
        case .sharedFile:
            "\(subject) has a second name elsewhere (a hard link), so that it may be somebody else's: put a copy there"
        case .outside: "\(subject) leads out of the folder"
        case .changed: "\(subject) has changed since it was looked at"
        case .system(let error): "\(subject) can't be read: \(error.reason)"
        }
    }
}
