import HTTPServer
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A form` {
    static let contentType = "multipart/form-data; boundary=----b0undary"

    /// What the parts are, in one value each.
    struct Part: Equatable, CustomStringConvertible {
        var name: String
        var filename: String?
        var content: [UInt8]

        var description: String { "\(name) \(filename ?? "-") \(content.count) bytes" }
    }

    static func wire(_ parts: [Part], boundary: String = "----b0undary", preamble: String = "", epilogue: String = "")
        -> [UInt8]
    {
        var bytes = Array(preamble.utf8)
        for part in parts {
            let filename = part.filename.map { "; filename=\"\($0)\"" } ?? ""
            bytes += Array(
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(filename)\r\n\r\n".utf8
            )
            bytes += part.content + [0x0D, 0x0A]
        }
        return bytes + Array("--\(boundary)--\(epilogue)".utf8)
    }

    /// What scraps may have come together to by chance.
    private static func delimiter(in content: [UInt8]) -> Range<Int>? {
        let (bytes, delimiter) = (content + [0x0D], Array("\r\n------b0undary".utf8))
        guard bytes.count > delimiter.count else { return nil }
        return (0..<(bytes.count - delimiter.count)).lazy.map { $0..<($0 + delimiter.count) }
            .first { bytes[$0].elementsEqual(delimiter) && [0x0D, 0x2D].contains(bytes[$0.upperBound]) }
    }

    /// Fed in pieces of these sizes, over and over.
    static func parse(
        _ bytes: [UInt8],
        pieces: [Int],
        contentType: String = contentType,
        limits: MultipartLimits = MultipartLimits()
    ) throws(MultipartError) -> [Part] {
        var parser = try MultipartParser(contentType: contentType, limits: limits)
        var (parts, isOpen): ([Part], Bool) = ([], false)
        var (position, turn) = (0, 0)
        while position < bytes.count {
            let end = min(bytes.count, position + max(1, pieces[turn % pieces.count]))
            for event in try parser.feed(Array(bytes[position..<end])) {
                switch event {
                case .part(let part):
                    parts.append(Part(name: part.name, filename: part.filename, content: []))
                    isOpen = true
                case .data(let data):
                    #expect(isOpen && !data.isEmpty)
                    parts[parts.count - 1].content += data
                case .partEnd: isOpen = false
                }
            }
            position = end
            turn += 1
        }
        try parser.finish()
        #expect(!isOpen)
        return parts
    }

    @Test(arguments: 0..<60)
    func `is the same however it is cut`(seed: UInt64) throws {
        var random = Seeded(state: seed)
        // Content made of what boundaries are made of, so that many beginnings of one are none.
        let scraps: [[UInt8]] =
            [
                "\r", "\n", "\r\n", "-", "--", "\r\n--", "\r\n------b0undar", "----b0undary", "x", "\r\n----b0undary",
                "\0", "ä",
            ]
            .map { Array($0.utf8) } + [Array("\r\n------b0undaryx".utf8)]
        let parts = (0..<Int(random.next() % 5)).map { number in
            var content = (0..<Int(random.next() % 40)).flatMap { _ in scraps[Int(random.next() % UInt64(scraps.count))]
            }
            while let delimiter = Self.delimiter(in: content) { content.removeSubrange(delimiter) }
            return Part(name: "field\(number)", filename: number % 2 == 0 ? nil : "f\(number).csv", content: content)
        }
        let preamble = seed % 3 == 0 ? "ignored\r\n" : ""
        let bytes = Self.wire(parts, preamble: preamble, epilogue: seed % 2 == 0 ? "\r\nignored" : "")
        let pieces = (0..<8).map { _ in Int(random.next() % (seed % 2 == 0 ? 5 : 200)) }
        #expect(try Self.parse(bytes, pieces: pieces) == parts)
        #expect(try Self.parse(bytes, pieces: [1]) == parts)
        #expect(try Self.parse(bytes, pieces: [bytes.count]) == parts)
    }

    @Test func `gives its parts' content as it comes, and holds no more than a boundary`() throws {
        var parser = try MultipartParser(contentType: Self.contentType)
        let head =
            "------b0undary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"p.csv\"\r\nContent-Type: text/csv\r\n\r\n"
        let events = try parser.feed(Array(head.utf8))
        guard case .part(let part)? = events.first else {
            Issue.record("\(events)")
            return
        }
        #expect(part.name == "file")
        #expect(part.filename == "p.csv")
        #expect(part.contentType == "text/csv")
        var out = 0
        let row = Array("a,b,c\r\n".utf8)
        for number in 1...1000 {
            for case .data(let data) in try parser.feed(row) { out += data.count }
            #expect(number * row.count - out < 20)
        }
    }

    @Test(
        arguments: [
            (#"form-data; name="a""#, "a", nil),
            (#"form-data; name=a; filename=b.csv"#, "a", "b.csv"),
            (#"form-data; filename="x;y=\"z\".csv"; name="a b""#, "a b", #"x;y="z".csv"#),
            (#"form-data; name="a"; filename="C:\people\new.csv""#, "a", #"C:\people\new.csv"#),
            (#"FORM-DATA;NAME="ä";;FileName="Ü ber.csv" "#, "ä", "Ü ber.csv"),
            ("form-data; name=\"a\"; filename=\"\u{301}x\"", "a", "\u{301}x"),
        ] as [(String, String, String?)]
    )
    func `says its names in many ways`(disposition: String, name: String, filename: String?) throws {
        let bytes = Array("------b0undary  \r\nContent-Disposition: \(disposition)\r\n\r\nx\r\n------b0undary--".utf8)
        #expect(try Self.parse(bytes, pieces: [3]) == [Part(name: name, filename: filename, content: [0x78])])
    }

    @Test(
        arguments: [
            ("", "truncated_multipart"),
            ("nothing of the kind", "truncated_multipart"),
            ("------b0undary\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx", "truncated_multipart"),
            (
                "------b0undary\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n------b0undary",
                "truncated_multipart"
            ),
            ("------b0undary\r\nContent-Dispo", "truncated_multipart"),
            ("------b0undary\r\n\r\nx\r\n------b0undary--", "malformed_multipart"),
            ("------b0undary\r\nContent-Type: text/csv\r\n\r\nx\r\n------b0undary--", "malformed_multipart"),
            (
                "------b0undary\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n------b0undary--",
                "malformed_multipart"
            ),
            ("------b0undary\r\nContent-Disposition: form-data\r\n\r\nx\r\n------b0undary--", "malformed_multipart"),
            (
                "------b0undary\r\nContent-Disposition: form-data; name=\"a\r\n\r\nx\r\n------b0undary--",
                "malformed_multipart"
            ),
            ("------b0undary\r\nno header\r\n\r\nx\r\n------b0undary--", "malformed_multipart"),
            ("------b0undary\r\nA: b\r\n folded\r\n\r\nx\r\n------b0undary--", "malformed_multipart"),
            ("------b0undary \r \n\r\n\r\nx\r\n------b0undary--", "malformed_multipart"),
            ("------b0undary-x\r\n\r\nx\r\n------b0undary--", "malformed_multipart"),
        ])
    func `that is broken is refused`(body: String, code: String) throws {
        for pieces in [[1], [7], [1000]] {
            let error = #expect(throws: MultipartError.self) { try Self.parse(Array(body.utf8), pieces: pieces) }
            #expect(error.map { "\($0.code)" } == code)
        }
    }

    @Test func `has limits`() throws {
        var limits = MultipartLimits()
        limits.parts = 3
        limits.headerBytes = 100
        let part = Part(name: "a", filename: nil, content: [0x78])
        #expect(try Self.parse(Self.wire([part, part, part]), pieces: [9], limits: limits).count == 3)
        let many = #expect(throws: MultipartError.self) {
            try Self.parse(Self.wire([part, part, part, part]), pieces: [9], limits: limits)
        }
        #expect(many?.refusal.status == .contentTooLarge)
        let long = Part(name: String(repeating: "a", count: 200), filename: nil, content: [])
        for pieces in [[1], [1000]] {
            let error = #expect(throws: MultipartError.self) {
                try Self.parse(Self.wire([long]), pieces: pieces, limits: limits)
            }
            #expect(error?.code == .limit)
        }
    }

    @Test(
        arguments: [
            nil, "", "text/plain", "multipart/mixed; boundary=a", "multipart/form-data",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=\"a", "multipart/form-data; boundary=\(String(repeating: "a", count: 71))",
            "multipart/form-data; boundary=\"a \"",
        ])
    func `must be announced as one`(contentType: String?) {
        let error = #expect(throws: MultipartError.self) { try MultipartParser(contentType: contentType) }
        #expect(error?.refusal.status == 415)
    }

    @Test func `is read part by part from a request`() async throws {
        let server = try await TestServer {
            $0.on(.post, "/files", .upload(limit: 10 << 20)) { request in
                var form = try MultipartReader(request)
                var lines: [String] = []
                while let part = try await form.nextPart() {
                    switch part.name {
                    case "skipped": continue
                    case "note": lines.append(String(decoding: try await form.collect(upTo: 10), as: UTF8.self))
                    default:
                        var count = 0
                        while let piece = try await form.nextPiece() { count += piece.count }
                        #expect(try await form.nextPiece() == nil)
                        lines.append("\(part.filename ?? "") \(count)")
                    }
                }
                return .text(lines.joined(separator: ","))
            }
        }
        let parts = [
            Part(name: "file", filename: "a.csv", content: [UInt8](repeating: 0x0D, count: 1_000_000)),
            Part(name: "skipped", filename: "b.csv", content: [UInt8](repeating: 0x61, count: 100_000)),
            Part(name: "note", filename: nil, content: Array("hello".utf8)),
            Part(name: "empty", filename: "c", content: []),
        ]
        let bytes = Self.wire(parts)
        let head = "POST /files HTTP/1.1\r\nHost: a\r\nContent-Type: \(Self.contentType)\r\nContent-Length: "
        let client = try await server.client()
        await client.send("\(head)\(bytes.count)\r\n\r\n")
        await client.send(bytes)
        #expect(try await client.answer().text == "a.csv 1000000,hello,c 0")
        let cut = Array(bytes.dropLast(4))
        await client.send("\(head)\(cut.count)\r\n\r\n")
        await client.send(cut)
        let answer = try await client.answer()
        #expect(answer.status == 400)
        #expect(answer.text.hasPrefix("truncated_multipart: "))
        await client.send("POST /files HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
        #expect(try await client.answer().status == 415)
        await client.leave()
        await server.stop()
    }
}
