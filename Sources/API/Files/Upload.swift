internal import HTTPServer
internal import JSON

/// The one file that a request brings, piece by piece, whichever way it is sent.
struct Upload {
    /// What a request may be, for the document.
    static let types: [(type: String, schema: Schema)] = [
        ("application/octet-stream", binary), ("text/csv", binary),
        ("multipart/form-data", .object([.required("file", binary)], isClosed: true)),
    ]

    private static let binary = Schema(["type": "string", "format": "binary"])

    /// A form is a little longer than its file.
    static func contentLimit(_ limit: Int64) -> Int64 {
        limit.addingReportingOverflow(64 << 10).overflow ? limit : limit + 64 << 10
    }

    private enum Source {
        case plain(RequestBody.Iterator)
        case form(MultipartReader)
    }

    private var source: Source
    private let givenName: String?
    private let limit: Int64
    private var size: Int64 = 0

    /// - Parameters:
    ///   - name: as the query gives it; goes before a form's own.
    ///   - limit: bytes of the file.
    init(_ request: Request, name: String?, limit: Int64) throws {
        givenName = name
        self.limit = limit
        let type = request.headers["Content-Type"].flatMap { ParameterizedValue(parsing: $0)?.value.lowercased() }
        if type == "multipart/form-data" {
            source = .form(try MultipartReader(request))
            return
        }
        if let announced = request.body.announced, announced > limit { throw Self.tooLarge(limit) }
        source = .plain(request.body.makeAsyncIterator())
    }

    /// What the file is called: asked for first.
    mutating func name() async throws -> FileName {
        switch source {
        case .plain:
            guard let givenName else { throw Problem.invalidParameter("name", "is required: what is the file called?") }
            return try Self.checked(givenName)
        case .form(var reader):
            let part = try await reader.nextPart()
            source = .form(reader)
            guard let part, part.name == "file" else {
                throw Problem(
                    422,
                    "file_missing",
                    "The form must hold one field, called file: the file."
                )
            }
            guard let name = givenName ?? part.filename else {
                throw Problem.invalidParameter("name", "is required where the form doesn't name the file")
            }
            return try Self.checked(name)
        }
    }

    /// Nil at the file's end.
    mutating func next() async throws -> [UInt8]? {
        let piece: [UInt8]?
        switch source {
        case .plain(var pieces):
            piece = try await pieces.next()
            source = .plain(pieces)
        case .form(var reader):
            piece = try await reader.nextPiece()
            source = .form(reader)
        }
        size += Int64(piece?.count ?? 0)
        guard size <= limit else { throw Self.tooLarge(limit) }
        return piece
    }

    /// Nothing may come behind the file, and a form must end as forms do.
    mutating func end() async throws {
        guard case .form(var reader) = source else { return }
        guard try await reader.nextPart() == nil else {
            throw Problem(422, "one_file_only", "The form holds more than one field: upload one file at a time.")
        }
        source = .form(reader)
    }

    private static func checked(_ name: String) throws(Problem) -> FileName {
        guard let name = FileName(name) else {
            throw Problem(422, "file_name", "A file needs a name of 1 to \(FileName.longest) bytes, without folders.")
        }
        return name
    }

    private static func tooLarge(_ limit: Int64) -> Problem {
        Problem(.contentTooLarge, "content_too_large", "The file has more than the \(limit) bytes allowed here.")
    }
}
