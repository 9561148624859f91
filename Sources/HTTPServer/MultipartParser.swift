internal import Glibc

/// How much of a form is taken.
package struct MultipartLimits: Sendable {
    package var parts = 100
    /// Bytes of one part's headers.
    package var headerBytes = 8 << 10

    package init() {}
}

/// The head of one part of a form.
package struct MultipartPart: Sendable, Equatable {
    /// The form field.
    package var name: String
    /// As the client calls it: a label, never a path to open.
    package var filename: String?
    package var headers: Headers

    package var contentType: String? { headers["Content-Type"] }
}

/// A form that breaks RFC 7578, or its limits.
package struct MultipartError: Error, Sendable, Equatable, RefusalConvertible, CustomStringConvertible {
    package var code: Code
    package var message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package struct Code: Sendable, Hashable, CustomStringConvertible {
        private enum Value: String {
            case type = "not_multipart"
            case malformed = "malformed_multipart"
            case truncated = "truncated_multipart"
            case limit = "multipart_limit"
        }
        private let value: Value

        package var description: String { value.rawValue }

        package static let type = Code(value: .type)
        package static let malformed = Code(value: .malformed)
        package static let truncated = Code(value: .truncated)
        package static let limit = Code(value: .limit)
    }

    package var description: String { message }

    package var refusal: Refusal {
        Refusal(code == .type ? 415 : code == .limit ? .contentTooLarge : .badRequest, "\(code)", message)
    }
}

/// Takes a `multipart/form-data` body apart while it comes in. RFC 7578, RFC 2046.
///
/// It holds a part's headers, and never more of a part's content than a boundary is long.
package struct MultipartParser: Sendable {
    package enum Event: Sendable, Equatable {
        case part(MultipartPart)
        case data([UInt8])
        case partEnd
    }

    private enum State {
        case preamble, delimiter, headers, data, epilogue
    }

    /// CR LF, two hyphens, the boundary.
    private let delimiter: [UInt8]
    private let limits: MultipartLimits
    private var state = State.preamble
    /// Not yet understood. The first delimiter needs no line break before it: one is put there.
    private var buffer: [UInt8] = [0x0D, 0x0A]
    private var parts = 0

    /// `contentType`: the header's value.
    package init(contentType: String?, limits: MultipartLimits = MultipartLimits()) throws(MultipartError) {
        guard let type = contentType.flatMap({ ParameterizedValue(parsing: $0) }),
            type.value.sameIgnoringCase("multipart/form-data")
        else { throw MultipartError(.type, "The content type must be multipart/form-data.") }
        guard let boundary = type["boundary"], (1...70).contains(boundary.utf8.count), boundary.last != " ",
            boundary.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
        else { throw MultipartError(.type, "The content type must name a boundary of 1 to 70 characters.") }
        delimiter = Array("\r\n--\(boundary)".utf8)
        self.limits = limits
    }

    /// What a piece of the body brings.
    package mutating func feed(_ bytes: [UInt8]) throws(MultipartError) -> [Event] {
        var events: [Event] = []
        guard state != .epilogue else { return events }
        buffer.append(contentsOf: bytes)
        var position = 0
        while try advance(&position, &events) {}
        buffer.removeFirst(position)
        return events
    }

    /// The body has ended.
    package func finish() throws(MultipartError) {
        guard state == .epilogue else {
            throw MultipartError(.truncated, "The form ends before its last boundary.")
        }
    }

    /// One step; false when it takes more bytes.
    private mutating func advance(_ position: inout Int, _ events: inout [Event]) throws(MultipartError) -> Bool {
        switch state {
        case .epilogue:
            position = buffer.count
            return false
        case .preamble, .data: return content(&position, &events)
        case .delimiter: return try delimiterEnd(&position)
        case .headers: return try headers(&position, &events)
        }
    }

    private mutating func content(_ position: inout Int, _ events: inout [Event]) -> Bool {
        let (end, isDelimiter) = nextDelimiter(from: position)
        if state == .data, end > position { events.append(.data(Array(buffer[position..<end]))) }
        position = end
        guard isDelimiter else { return false }
        if state == .data { events.append(.partEnd) }
        position += delimiter.count
        state = .delimiter
        return true
    }

    /// Where the next delimiter begins; where there is none, how far no delimiter can begin.
    private func nextDelimiter(from start: Int) -> (Int, isDelimiter: Bool) {
        unsafe buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return (0, false) }
            var index = start
            while let candidate = unsafe Self.lineEnd(in: bytes, from: index) {
                let rest = bytes.count - candidate
                let isSame = unsafe memcmp(base + candidate, delimiter, min(rest, delimiter.count)) == 0
                // A longer line that only begins like the delimiter is content: one byte more tells.
                if isSame, rest <= delimiter.count { return (candidate, false) }
                if isSame, [0x0D, 0x20, 0x09, 0x2D].contains(unsafe bytes[candidate + delimiter.count]) {
                    return (candidate, true)
                }
                index = candidate + 1
            }
            return (bytes.count, false)
        }
    }

    private static func lineEnd(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard start < bytes.count, let base = bytes.baseAddress,
            let found = unsafe memchr(base + start, 0x0D, bytes.count - start)
        else { return nil }
        return unsafe UnsafeRawPointer(found) - base
    }

    private mutating func delimiterEnd(_ position: inout Int) throws(MultipartError) -> Bool {
        let rest = buffer[position...]
        guard rest.count >= 2 else { return false }
        if rest.starts(with: [0x2D, 0x2D]) {
            position += 2
            state = .epilogue
            return true
        }
        guard let first = rest.firstIndex(where: { $0 != 0x20 && $0 != 0x09 }) else {
            guard rest.count <= 256 else { throw .malformed("a boundary's line does not end") }
            return false
        }
        guard rest.endIndex - first >= 2 else { return false }
        guard rest[first...].starts(with: [0x0D, 0x0A]) else { throw .malformed("a boundary is not alone on its line") }
        parts += 1
        guard parts <= limits.parts else {
            throw MultipartError(.limit, "The form has more than \(limits.parts) parts.")
        }
        // The line break stays: it is found as the end of an empty head, too.
        position = first
        state = .headers
        return true
    }

    private mutating func headers(_ position: inout Int, _ events: inout [Event]) throws(MultipartError) -> Bool {
        let end: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]
        var index = position
        while let candidate = buffer[index...].firstIndex(of: 0x0D), candidate - position <= limits.headerBytes {
            if buffer[candidate...].starts(with: end) {
                events.append(.part(try MultipartPart(parsing: buffer[position..<candidate])))
                position = candidate + end.count
                state = .data
                return true
            }
            index = candidate + 1
        }
        guard buffer.count - position <= limits.headerBytes + end.count else {
            throw MultipartError(.limit, "A part of the form has more than \(limits.headerBytes) bytes of headers.")
        }
        return false
    }
}

extension MultipartPart {
    /// `head`: header lines, each after a line break.
    fileprivate init(parsing head: ArraySlice<UInt8>) throws(MultipartError) {
        guard let text = String(validating: head, as: UTF8.self) else { throw .malformed("a part's head is not UTF-8") }
        var headers = Headers()
        for line in text.split(separator: "\r\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, Headers.isName(String(parts[0])), Headers.isValue(String(parts[1])) else {
                throw .malformed("a part has a header that is none")
            }
            headers.add(String(parts[0]), String(parts[1].trimmingBlanks()))
        }
        guard let disposition = headers["Content-Disposition"].flatMap({ ParameterizedValue(parsing: $0) }),
            disposition.value.sameIgnoringCase("form-data"), let name = disposition["name"]
        else { throw .malformed("a part does not say which form field it is") }
        self.init(name: name, filename: disposition["filename"], headers: headers)
    }
}

extension MultipartError {
    fileprivate static func malformed(_ what: String) -> MultipartError {
        MultipartError(.malformed, "The form is malformed: \(what).")
    }
}
