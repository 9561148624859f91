internal import Glibc
internal import Platform

/// The file to read, looked at before anything is written.
struct LocalFile {
    /// Absolute, links followed.
    var path: String
    var size: Int64

    init(_ argument: String) throws {
        guard let resolved = unsafe realpath(argument, nil) else {
            throw SystemError(call: "open", subject: argument)
        }
        defer { unsafe free(resolved) }
        path = unsafe String(cString: resolved)
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw SystemError(call: "stat", subject: argument) }
        guard status.st_mode & S_IFMT != S_IFDIR else {
            throw UsageError("\(argument) is a folder: name the file in it")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw UsageError("\(argument) is no regular file: save what it gives to a file first")
        }
        size = Int64(status.st_size)
        _ = try FileDescriptor.open(path, O_RDONLY)
    }

    var name: String {
        path.split(separator: "/").last.map(String.init) ?? path
    }

    var nameWithoutExtension: String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
        return String(name[..<dot])
    }
}
