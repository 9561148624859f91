internal import Glibc
internal import Platform

/// Whether there is room, and uploaded files can be kept.
struct DiskDoctor {
    let databasePath: String
    let filesFolder: String
    /// Nil where nothing is imported from folders.
    let importRoot: String?

    func findings() -> [Finding] {
        let folder = ServeSettings.folder(of: databasePath)
        return [files, imports, room("disk", folder)].compactMap(\.self) + otherDisk(folder)
    }

    private var imports: Finding? {
        guard let importRoot else { return nil }
        guard unsafe access(importRoot, R_OK | X_OK) == 0 else {
            let error = SystemError(call: "access", subject: importRoot)
            return .fail(
                "imports",
                "\(importRoot) can't be read: \(error.reason).",
                "Make the folder and let this user read it, or leave --import-root out."
            )
        }
        return .ok(
            "imports",
            "\(importRoot) can be read; each tenant's files lie in a folder named after its id there."
        )
    }

    private var files: Finding {
        let isThere = unsafe access(filesFolder, F_OK) == 0
        let folder = isThere ? filesFolder : ServeSettings.folder(of: filesFolder)
        guard unsafe access(folder, R_OK | W_OK | X_OK) == 0 else {
            let error = SystemError(call: "access", subject: folder)
            return .fail(
                "files",
                "\(filesFolder) can't be \(isThere ? "written" : "made"): \(error.reason).",
                "Give this user the right to write there, or name another folder with --files."
            )
        }
        return .ok(
            "files",
            isThere ? "\(filesFolder) can be written." : "\(filesFolder) will be made by the first upload."
        )
    }

    /// Where files lie on a disk of their own.
    private func otherDisk(_ folder: String) -> [Finding] {
        var (one, other) = (stat(), stat())
        guard unsafe stat(folder, &one) == 0, unsafe stat(filesFolder, &other) == 0, one.st_dev != other.st_dev else {
            return []
        }
        return [room("files' disk", filesFolder)].compactMap(\.self)
    }

    /// statvfs(3); nil where there is no such folder, which others tell.
    private func room(_ subject: String, _ folder: String) -> Finding? {
        var disk = statvfs()
        guard unsafe statvfs(folder, &disk) == 0 else { return nil }
        let free = Int64(clamping: UInt64(disk.f_bavail) * UInt64(disk.f_frsize))
        let message = "\(ByteCount.text(free)) are free for \(folder)."
        let hint = "Free space there: without it nothing can be imported."
        if free < 100 << 20 { return .fail(subject, message, hint) }
        return free < 1 << 30 ? .warn(subject, message, hint) : .ok(subject, message)
    }
}

/// Bytes for people.
enum ByteCount {
    /// `812 B`, `3.4 MiB`.
    static func text(_ bytes: Int64) -> String {
        var value = Double(bytes)
        var units = ["B", "KiB", "MiB", "GiB", "TiB"][...]
        while value >= 1_024, units.count > 1 {
            value /= 1_024
            units.removeFirst()
        }
        let unit = units.first ?? "B"
        guard unit != "B" else { return "\(bytes) B" }
        return "\((value * 10).rounded() / 10) \(unit)"
    }
}
