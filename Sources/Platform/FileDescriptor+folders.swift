package import Glibc

extension FileDescriptor {
    /// What the file is: fstat(2).
    package borrowing func status() throws(SystemError) -> stat {
        var status = stat()
        guard unsafe fstat(rawValue, &status) == 0 else {
            throw SystemError(call: "fstat", subject: "descriptor \(rawValue)")
        }
        return status
    }

    /// The names in an open folder, at most so many, without `.` and `..`, in no order. readdir(3).
    package borrowing func entries(limit: Int = .max) throws(SystemError) -> [String] {
        let again = try FileDescriptor.open("/proc/self/fd/\(rawValue)", O_RDONLY | O_DIRECTORY)
        let number = again.release()
        guard let folder = unsafe fdopendir(number) else {
            let error = SystemError(call: "fdopendir")
            _ = Glibc.close(number)
            throw error
        }
        defer { unsafe closedir(folder) }
        var names: [String] = []
        while names.count < limit {
            errno = 0
            guard let entry = unsafe readdir(folder) else {
                if errno != 0 { throw SystemError(call: "readdir") }
                return names
            }
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                unsafe tuple.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The path without symbolic links: realpath(3).
    package static func realPath(of path: String) throws(SystemError) -> String {
        guard let real = unsafe realpath(path, nil) else { throw SystemError(call: "realpath", subject: path) }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }
}
