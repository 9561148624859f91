internal import Glibc
internal import JSON
internal import Platform

/// Small files that the command line names: settings, mappings.
enum TextFile {
    /// The file's bytes; an error names the file and why it can't be read.
    static func bytes(_ path: String, atMost limit: Int = 4 << 20) throws(UsageError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try read(path, upTo: limit + 1)
        } catch {
            throw UsageError("\(path): \(error.reason)")
        }
        guard bytes.count <= limit else {
            throw UsageError("\(path) is larger than \(limit >> 20) MiB: is it the right file?")
        }
        return bytes
    }

    /// A JSON file that a command line names.
    static func json(file path: String) throws(UsageError) -> JSONValue {
        let bytes = try bytes(path)
        do throws(JSONError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw UsageError("\(path) is not JSON: \(error.message)")
        }
    }

    /// `JSON` itself, or `@FILE` for a file that holds it.
    static func json(_ text: String, option: Option) throws(UsageError) -> JSONValue {
        if text.hasPrefix("@") { return try json(file: String(text.dropFirst())) }
        do throws(JSONError) {
            return try JSONValue(parsing: text)
        } catch {
            throw UsageError("--\(option.name) is not JSON: \(error.message)")
        }
    }

    private static func read(_ path: String, upTo limit: Int) throws(SystemError) -> [UInt8] {
        let file = try FileDescriptor.open(path, O_RDONLY)
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let piece = try file.read(65_536)
            if piece.isEmpty { break }
            bytes += piece
        }
        return bytes
    }
}
