internal import Crypto
internal import Glibc
internal import JSON
internal import Platform
internal import Sync

/// The manifest beside a file that the command line names, held against the file before anything is read of it.
struct LocalManifest {
    let manifest: FileManifest

    /// Nil where there is none.
    init?(beside file: LocalFile) throws {
        let path = file.path + PathPattern.manifest
        guard unsafe access(path, F_OK) == 0 else { return nil }
        do throws(FileManifest.Problem) {
            manifest = try FileManifest(parsing: try Self.bytes(path))
        } catch {
            throw Refusal(description: "\(path) can't be used as the manifest of \(file.name): \(error).")
        }
        if let size = manifest.size, size != file.size {
            throw Refusal(
                description:
                    "\(file.path) is not the file that its manifest declares: it has \(file.size) bytes, declared are "
                    + "\(size). Nothing of it was read."
            )
        }
        if let sha256 = manifest.sha256 {
            let found = try Self.hash(file.path)
            guard sha256 == found else {
                throw Refusal(
                    description:
                        "\(file.path) is not the file that its manifest declares: its SHA-256 is \(found), declared is "
                        + "\(sha256). Nothing of it was read."
                )
            }
        }
    }

    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    private static func bytes(_ path: String) throws(FileManifest.Problem) -> [UInt8] {
        do throws(UsageError) {
            return try TextFile.bytes(path, atMost: 1 << 20)
        } catch {
            throw FileManifest.Problem(error.message)
        }
    }

    private static func hash(_ path: String) throws -> String {
        let file = try FileDescriptor.open(path, O_RDONLY)
        var hash = SHA256()
        while true {
            let piece = try file.read(1 << 20)
            guard !piece.isEmpty else { return hash.finish().hex }
            hash.update(piece)
        }
    }
}
