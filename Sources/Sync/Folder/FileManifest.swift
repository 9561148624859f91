package import JSON

/// What whoever delivers a file declares about it, in a small file beside it: `people.csv.manifest`.
///
/// JSON, `{"rows": 2000, "sha256": "…", "complete": true}`, or the same as lines, `rows=2000`. `rows` of a file with several
/// parts is an object, `{"people": 2000, "courses": 120}`, or `rows.people=2000`. All of it may be left out.
package struct FileManifest: Sendable, Equatable {
    /// Of all records, the header and a trailer not counted; of each stream where the file has several.
    package var rows: Rows?
    /// 64 hexadecimal digits in lower case, of the whole file.
    package var sha256: String?
    /// Bytes of the whole file.
    package var size: Int64?
    /// False for a file that holds some of the records only: who is not in it is not absent.
    package var isComplete: Bool

    package enum Rows: Sendable, Equatable {
        case all(Int64)
        case byStream([String: Int64])
    }

    /// More is none.
    package static let mostBytes = 65_536

    package init(rows: Rows? = nil, sha256: String? = nil, size: Int64? = nil, isComplete: Bool = true) {
        self.rows = rows
        self.sha256 = sha256
        self.size = size
        self.isComplete = isComplete
    }

    /// How many records a stream must have; nil if nobody says.
    package func rows(of stream: String) -> Int64? {
        switch rows {
        case .all(let count): count
        case .byStream(let counts): counts[stream]
        case nil: nil
        }
    }

    package init(parsing bytes: [UInt8]) throws(Problem) {
        let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        guard let text = String(validating: bytes[start...], as: UTF8.self) else { throw Problem("it is no UTF-8") }
        let isJSON = text.unicodeScalars.first { !$0.properties.isWhitespace } == "{"
        do {
            try self.init(json: isJSON ? JSONValue(parsing: text) : Self.lines(text))
        } catch let error as Problem {
            throw error
        } catch {
            throw Problem("\(error)")
        }
    }

    package struct Problem: Error, Equatable, CustomStringConvertible {
        package let description: String

        package init(_ description: String) {
            self.description = description
        }
    }

    private static func lines(_ text: String) throws(Problem) -> JSONValue {
        var (object, streams) = (JSONObject(), JSONObject())
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "=") else {
                throw Problem("its line \"\(line.prefix(80))\" is no NAME=VALUE, and it is no JSON either")
            }
            let (name, value) = (line[..<equals].trimmed, line[line.index(after: equals)...].trimmed)
            guard object[String(name)] == nil, streams[String(name.dropFirst(5))] == nil || !name.hasPrefix("rows.")
            else {
                throw Problem("it says \(name) twice")
            }
            if name.hasPrefix("rows.") {
                streams[String(name.dropFirst(5))] = Self.value(value)
            } else {
                object[String(name)] = name == "sha256" ? .string(String(value)) : Self.value(value)
            }
        }
        if !streams.members.isEmpty {
            guard object["rows"] == nil else { throw Problem("it says rows for all and by stream") }
            object["rows"] = .object(streams)
        }
        return .object(object)
    }

    private static func value(_ text: Substring) -> JSONValue {
        switch text {
        case "true": true
        case "false": false
        default: Int64(text).map { .integer($0) } ?? .string(String(text))
        }
    }

    package init(json: JSONValue) throws(Problem) {
        do throws(JSONFieldError) {
            var fields = try JSONFields(json)
            if let counts = json["rows"]?.objectValue {
                _ = fields.optionalValue("rows")
                rows = .byStream(try Self.counts(counts, fields))
            } else {
                rows = try fields.optionalInteger("rows").map { .all($0) }
            }
            sha256 = try fields.optionalString("sha256")?.lowercased()
            size = try fields.optionalInteger("size")
            isComplete = try fields.optionalBool("complete") ?? true
            try fields.finish()
        } catch {
            throw Problem("\(error)")
        }
        let digits = Set("0123456789abcdef")
        guard sha256.map({ $0.count == 64 && $0.allSatisfy(digits.contains) }) ?? true else {
            throw Problem("its sha256 is no 64 hexadecimal digits")
        }
        guard numbers.allSatisfy({ $0 >= 0 }) else {
            throw Problem("it declares fewer than none")
        }
    }

    private static func counts(_ object: JSONObject, _ fields: JSONFields) throws(JSONFieldError) -> [String: Int64] {
        var counts: [String: Int64] = [:]
        for member in object.members {
            guard let count = member.value.integerValue else {
                throw fields.notAllowed("rows", "must be a whole number, or one for each stream")
            }
            counts[member.name] = count
        }
        return counts
    }

    private var numbers: [Int64] {
        let counts: [Int64] =
            switch rows {
            case .all(let count): [count]
            case .byStream(let counts): Array(counts.values)
            case nil: []
            }
        return counts + (size.map { [$0] } ?? [])
    }

    package var json: JSONValue {
        var object: JSONObject = ["complete": .bool(isComplete)]
        switch rows {
        case .all(let count): object["rows"] = .integer(count)
        case .byStream(let counts):
            object["rows"] = .object(
                counts.sorted { $0.key < $1.key }.reduce(into: [:]) { $0[$1.key] = .integer($1.value) }
            )
        case nil: break
        }
        if let sha256 { object["sha256"] = .string(sha256) }
        if let size { object["size"] = .integer(size) }
        return .object(object)
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
