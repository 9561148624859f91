internal import JSON
internal import Time

/// How lines look.
package enum LogFormat: Sendable {
    /// An object a line: `{"time":"…","level":"info","message":"…","run":"…"}`.
    case json
    /// For people: `2024-02-29T08:05:00Z info run ended run=…`.
    case text
}

/// One line, before it is bytes.
struct LogLine {
    var time: Instant
    var level: LogLevel
    var message: String
    /// Each name once, none of them the line's own.
    var fields: JSONObject

    init(time: Instant, level: LogLevel, message: String, fields: [(String, JSONValue)]) {
        self.time = time
        self.level = level
        self.message = message
        self.fields = [:]
        for (name, value) in fields {
            let isTaken = name == "time" || name == "level" || name == "message"
            self.fields[isTaken ? name + "_" : name] = value
        }
    }

    func masked(by masker: Masker) -> LogLine {
        guard !masker.isEmpty else { return self }
        var line = self
        line.message = masker.masked(message)
        line.fields = masker.masked(fields)
        return line
    }

    /// The line and its line feed. There is no other: control characters are escaped in both formats.
    func bytes(_ format: LogFormat) -> [UInt8] {
        var bytes = format == .json ? json : Array(text.utf8)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("time")
        writer.string(time.description)
        writer.name("level")
        writer.string(level.name)
        writer.name("message")
        writer.string(message)
        for field in fields.members {
            writer.name(field.name)
            writer.value(field.value)
        }
        writer.endObject()
        return writer.bytes
    }

    private var text: String {
        var text = "\(time) \(level.name) \(message.withControlsEscaped)"
        for field in fields.members {
            text += " \(field.name.isPlainWord ? field.name : JSONValue.string(field.name).text.withControlsEscaped)="
            if case .string(let value) = field.value, value.isPlainWord {
                text += value
            } else {
                text += field.value.text.withControlsEscaped
            }
        }
        return text
    }
}

extension String {
    /// Whether it can stand in a line of text without quotes.
    fileprivate var isPlainWord: Bool {
        !isEmpty
            && unicodeScalars.allSatisfy { scalar in
                !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control && scalar != "\""
                    && scalar != "="
            }
    }

    /// The same without anything that ends a line or speaks to a terminal.
    fileprivate var withControlsEscaped: String {
        guard unicodeScalars.contains(where: \.endsLineOrControls) else { return self }
        var text = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.endsLineOrControls:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}

extension UnicodeScalar {
    fileprivate var endsLineOrControls: Bool {
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
