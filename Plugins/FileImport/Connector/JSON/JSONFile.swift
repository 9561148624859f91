package import ConnectorKit
internal import JSON

/// A JSON file: an array of records, an object with such arrays in it, or one record a line.
package struct JSONFile {
    let file: InputFile
    let isLines: Bool
    let options: Options
    let startHash: UInt64
    private let windowBytes: Int
    /// Behind the byte order mark.
    private let begin: Int

    /// What the settings say.
    package struct Options: Sendable, Equatable {
        package var encoding: TextEncoding?
        /// Names of members, from the outermost object on, to the array of records.
        package var path: [String]?
        package var maxRecordBytes = 16 * 1024 * 1024

        package init() {}
    }

    /// An array of records in the file.
    struct Part: Equatable {
        /// Empty for the file's own.
        var path: [String]
        /// Of what stands behind the opening bracket; for lines of the first one.
        var offset: Int

        var name: String { path.joined(separator: ".") }
    }

    package init(
        _ file: InputFile,
        isLines: Bool,
        _ options: Options,
        windowBytes: Int = CSVFile.windowBytes
    ) throws(ConnectorFailure) {
        self.file = file
        self.isLines = isLines
        self.options = options
        self.windowBytes = windowBytes
        if let told = options.encoding, told != .utf8 {
            throw ConnectorFailure(
                .config,
                code: "encoding_not_json",
                message: "JSON is UTF-8 (RFC 8259), but the setting encoding says \(told.rawValue); remove it.",
                pointer: "/encoding"
            )
        }
        let look = try TextLook(file, told: options.encoding)
        startHash = look.startHash
        begin = look.encoding.markBytes
        guard look.encoding.encoding == .utf8 else {
            throw ConnectorFailure(
                .data,
                code: "json_not_utf8",
                message:
                    "\(file.name) looks like \(look.encoding.encoding.rawValue), but JSON is UTF-8 (RFC 8259); save it in "
                    + "UTF-8."
            )
        }
    }

    // MARK: - Parts

    /// The array that a stream means.
    func part(for stream: String) throws(ConnectorFailure) -> Part {
        if isLines { return Part(path: [], offset: begin) }
        let parts = try parts { part in options.path.map { part.path == $0 } ?? (part.name == stream) }
        if let path = options.path {
            guard let part = parts.last, part.path == path else { throw missing(path, parts) }
            return part
        }
        if let part = parts.last, part.path.isEmpty || part.name == stream || parts.count == 1 { return part }
        guard let first = parts.first else { throw noRecords() }
        throw ConnectorFailure(
            .notFound,
            code: "stream_unknown",
            message:
                "\(file.name) has no array of records called \(stream); it has "
                + "\(parts.map(\.name).joined(separator: ", ")). Name one, such as \(first.name), or set json_path."
        )
    }

    /// The arrays of objects that are reached by names alone, up to the first that is wanted.
    func parts(until isWanted: (Part) -> Bool) throws(ConnectorFailure) -> [Part] {
        do {
            var reader = jsonReader(from: begin)
            var parts: [Part] = []
            // The names of the open objects' members at hand.
            var path: [String] = []
            while let event = try reader.next() {
                switch event {
                case .name:
                    path[path.count - 1] = reader.text
                case .beginObject:
                    path.append("")
                case .endObject:
                    path.removeLast()
                case .beginArray:
                    let part = Part(path: path, offset: begin + reader.offset + 1)
                    let outside = reader.depth - 1
                    if path.isEmpty { return [part] }
                    let first = try reader.next()
                    if first == .beginObject || (first == .endArray && isWanted(part)) { parts.append(part) }
                    if parts.last == part, isWanted(part) { return parts }
                    while reader.depth > outside, try reader.next() != nil {}
                default:
                    break
                }
            }
            return parts
        } catch let failure as ConnectorFailure {
            throw failure
        } catch let error as JSONError {
            throw broken(error)
        } catch {
            throw ConnectorFailure(.internalError, code: "unexpected", message: "\(error)")
        }
    }

    private func missing(_ path: [String], _ parts: [Part]) -> ConnectorFailure {
        let others = parts.isEmpty ? "" : " It has \(parts.map(\.name).joined(separator: ", "))."
        let isArray = parts.first?.path.isEmpty == true
        return ConnectorFailure(
            .config,
            code: "json_path_missing",
            message: isArray
                ? "\(file.name) is an array itself; remove the setting json_path."
                : "\(file.name) has no array of records at \(path.joined(separator: ".")).\(others)",
            pointer: "/json_path"
        )
    }

    private func noRecords() -> ConnectorFailure {
        ConnectorFailure(
            .data,
            code: "json_no_records",
            message:
                "\(file.name) holds no array of records; one record a line is read with format ndjson, another array with "
                + "json_path."
        )
    }

    // MARK: - Reading

    func cursor(at part: Part) -> JSONCursor {
        cursor(offset: part.offset, number: 1)
    }

    func cursor(offset: Int, number: Int64) -> JSONCursor {
        JSONCursor(
            file,
            isLines: isLines,
            maxRecordBytes: options.maxRecordBytes,
            offset: offset,
            number: number,
            windowBytes: windowBytes
        )
    }

    /// Throws unless what stands from an array's closing bracket on ends the file as it must.
    func checkRest(of part: Part, from offset: Int) throws(ConnectorFailure) {
        var opening = part.path.map { JSONValue.object([$0: .null]).text.dropLast(5) }.joined()
        opening += "["
        do {
            var reader = jsonReader(from: offset, behind: Array(opening.utf8))
            while try reader.next() != nil {}
        } catch let failure as ConnectorFailure {
            throw failure
        } catch let error as JSONError {
            throw broken(error, shift: offset - opening.utf8.count)
        } catch {
            throw ConnectorFailure(.internalError, code: "unexpected", message: "\(error)")
        }
    }

    /// Reads the file from an offset on, as if `opening` stood before it.
    private func jsonReader(from offset: Int, behind opening: [UInt8] = []) -> JSONReader {
        var limits = JSONLimits.stream
        limits.tokenBytes = options.maxRecordBytes
        limits.members = 1_000_000
        var next = offset
        var opening = opening
        let file = file
        return JSONReader(limits: limits) { window in
            window += opening
            opening = []
            let end = min(file.size, next + 65536)
            window += try file.bytes(next..<end)
            next = end
            return next < file.size
        }
    }

    private func broken(_ error: JSONError, shift: Int? = nil) -> ConnectorFailure {
        // Line and column count from where the reading began, which only at the file's start is their own place.
        let place = "byte \(error.offset + (shift ?? begin))"
        return ConnectorFailure(
            .data,
            code: "json_\(error.code)",
            message:
                "\(file.name) is no JSON: at \(place), \(shift == nil ? error.message : "the text is not as JSON asks")."
        )
    }
}
