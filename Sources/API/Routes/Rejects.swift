internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store

/// What a run has refused: page by page, counted, or as a table that can be corrected and read again.
struct RejectRoutes: Sendable {
    let context: APIContext

    private static let workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    private static let states = ["open", "waiting", "replayed", "dismissed"]

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .get,
                "/runs/{id}/rejects",
                "listRejects",
                "Lists what a run has refused, in source order; as CSV or a workbook all at once, in the input's own layout.",
                parameters: Paging.parameters + [
                    .query("field", .text(1...200), "Only those whose first failure is in this target field."),
                    .query("code", .text(1...100), "Only those whose first failure has this code."),
                    .query("state", .oneOf(Self.states), "Only in this state."),
                    .query(
                        "format",
                        .oneOf(["json", "csv", "xlsx", "input"]),
                        "In place of the Accept header; input is a workbook where one was read, else CSV."
                    ),
                ],
                answers: [
                    Answer(
                        .ok,
                        "A page of rejects; or, as CSV or a workbook, all of them: the input's columns, then _error and _fix.",
                        [
                            ("application/json", .page(of: .reference("Reject"))), ("text/csv", .string),
                            (Self.workbookType, Schema(["type": "string", "format": "binary"])),
                        ]
                    )
                ],
                // A million rejects are many minutes for a slow client; one that takes nothing is cut off all the same.
                deadline: .none,
                handle: list
            ),
            Endpoint(
                .get,
                "/runs/{id}/rejects/groups",
                "countRejects",
                "Counts what a run has refused by field and code, the most frequent first.",
                answers: [.ok(.object(.required("items", .list(of: .reference("RejectGroup")))))],
                handle: groups
            ),
        ] + RejectChangeRoutes(context: context).endpoints
    }

    private func list(_ call: Call) async throws -> Response {
        let filter = RejectFilter(
            code: try call.query.text("code"),
            field: try call.query.text("field"),
            state: try call.query.text("state")
        )
        let format = try Self.format(call)
        guard format != "json" else {
            let page = try await context.store.rejects(
                run: try call.runID(),
                filter,
                page: try call.page(),
                tenant: call.tenant
            )
            return call.answer(page, \.json)
        }
        for name in ["limit", Paging.cursorName] where call.request.query(name) != nil {
            throw Problem.invalidParameter(name, "is for JSON: as a file all rejects come at once")
        }
        return try await table(filter, format, call)
    }

    private func groups(_ call: Call) async throws -> Response {
        let groups = try await context.store.rejectGroups(run: try call.runID(), tenant: call.tenant)
        return .json(["items": .array(groups.map(\.json))])
    }

    private static func format(_ call: Call) throws -> String {
        if let format = try call.query.text("format") { return format }
        let types = call.request.headers.list("Accept").compactMap { ParameterizedValue(parsing: $0) }
        let known = ["application/json": "json", "text/csv": "csv", workbookType: "xlsx"]
        return types.lazy.compactMap { known[$0.value.lowercased()] }.first ?? "json"
    }

    private func table(_ filter: RejectFilter, _ format: String, _ call: Call) async throws -> Response {
        let (store, tenant) = (context.store, call.tenant)
        guard let run = try await store.run(try call.runID(), tenant: tenant) else { throw Problem.notFound("run") }
        let pages = RejectPages { page async throws(StoreError) in
            try await store.rejects(run: run.id, filter, page: page, tenant: tenant)
        }
        // An archived config's settings are not found any more: then it is the usual layout.
        let settings = try await store.config(run.config, tenant: tenant)?.settings ?? [:]
        let sheet = run.streams.lazy.compactMap(\.sheet).first
        let isWorkbook = format == "xlsx" || format == "input" && sheet != nil
        let headers: Headers = [
            "Content-Type": isWorkbook ? Self.workbookType : "text/csv; charset=utf-8",
            "Content-Disposition": "attachment; filename=\"rejects-\(run.id).\(isWorkbook ? "xlsx" : "csv")\"",
        ]
        return Response(
            .ok,
            headers: headers,
            body: .stream { writer in
                let table = RejectTable(columns: try await Self.columns(pages), settings: settings)
                if isWorkbook {
                    try await Self.workbook(table, sheet: sheet ?? "Rejects", pages, to: writer)
                } else {
                    try await Self.lines(table, pages, to: writer)
                }
            }
        )
    }

    private static func lines(_ table: RejectTable, _ pages: RejectPages, to writer: BodyWriter) async throws {
        try await writer.write(table.header)
        var pages = pages
        while let rejects = try await pages.next() {
            var lines: [UInt8] = []
            for reject in rejects { lines += table.line(reject) }
            if !lines.isEmpty { try await writer.write(lines) }
        }
    }

    private static func workbook(
        _ table: RejectTable,
        sheet: String,
        _ pages: RejectPages,
        to writer: BodyWriter
    ) async throws {
        var workbook = WorkbookWriter(sheet: sheet, header: table.names)
        var pages = pages
        while let rejects = try await pages.next() {
            var bytes: [UInt8] = []
            for reject in rejects { bytes += try workbook.add(table.sheetRow(reject)) }
            if !bytes.isEmpty { try await writer.write(bytes) }
        }
        try await writer.write(workbook.end())
    }

    /// The input's columns: those of the first reject that has any. One that its source spoiled is one text.
    private static func columns(_ pages: RejectPages) async throws(StoreError) -> [String] {
        var pages = pages
        while let rejects = try await pages.next() {
            if let whole = rejects.first(where: \.hasColumns) { return whole.raw.map(\.name) }
        }
        return []
    }
}

/// A run's rejects in pages of about some megabytes, however large its records are.
struct RejectPages: Sendable {
    private let read: @Sendable (PageRequest) async throws(StoreError) -> Page<StoredReject>
    private var request = PageRequest(limit: 8)
    private var hasEnded = false

    /// What a page may hold, as far as the pages before it tell.
    private static let pageBytes = 4 << 20
    private static let mostRejects = 500

    init(_ read: @escaping @Sendable (PageRequest) async throws(StoreError) -> Page<StoredReject>) {
        self.read = read
    }

    mutating func next() async throws(StoreError) -> [StoredReject]? {
        guard !hasEnded else { return nil }
        let page = try await read(request)
        hasEnded = page.next == nil
        let bytes = page.items.reduce(1) { $0 + $1.weight }
        // Four times as many at once: a page of small ones says little about what comes behind it.
        let limit = min(request.limit * 4, Self.pageBytes * max(1, page.items.count) / bytes, Self.mostRejects)
        request = PageRequest(after: page.next, limit: max(1, limit))
        return page.items
    }
}

extension StoredReject {
    /// Bytes of its record, about.
    fileprivate var weight: Int {
        (raw + (correction?.raw ?? [])).reduce(200) { $0 + $1.name.utf8.count + ($1.value?.utf8.count ?? 0) }
    }
}

extension RunStream {
    /// Of the workbook that was read, if it was one.
    fileprivate var sheet: String? {
        found["format"]?.stringValue == "xlsx" ? found["sheet"]?.stringValue ?? "Rejects" : nil
    }
}

extension StoredReject {
    fileprivate var hasColumns: Bool { raw.contains { !$0.name.isEmpty } }

    static let schema = Schema.object(
        .required("id", .id),
        .required("run_id", .id),
        .required("entity", .oneOf(Entity.self)),
        .required(
            "locator",
            .object(
                .required("file", .string, "The file or object that was read."),
                .required("key", .string.orNull, "The record's external id, where it has one."),
                .optional("line", .integer),
                .optional("row", .integer),
                .optional("byte_offset", .integer),
                .optional("index", .integer)
            ),
            "Where it stands in the source."
        ),
        .required("field", .string, "The target field of the first failure; empty for the whole record."),
        .required("code", .string, "Of the first failure."),
        .required("message", .string, "Of the first failure."),
        .required(
            "errors",
            .list(
                of: .object(
                    .required("field", .string),
                    .required("code", .string),
                    .required("message", .string),
                    .required("hint", .string)
                )
            ),
            "All failures."
        ),
        .required(
            "raw",
            .map(of: .string.orNull),
            "The record as it came, without fields that it lacks; under an empty name where it has none."
        ),
        .required("state", .string),
        .required(
            "correction",
            Schema.object(
                .required("raw", .map(of: .string.orNull), "The whole record as it will be replayed."),
                .required("by", .string),
                .required("at", .time)
            ).orNull,
            "What somebody made of the record."
        ),
        .required("replay_run_id", .id.orNull, "The run that has replayed it last, whether it got through or not.")
    )

    var json: JSONValue {
        var place: JSONObject = ["file": .string(source), "key": key.map { .string($0) } ?? .null]
        place[locatorKind] = .integer(locator)
        let first = failures.first
        return [
            "id": .id(id), "run_id": .id(run), "entity": .string(entity.rawValue), "locator": .object(place),
            "field": .string(first?.field ?? ""), "code": .string(first?.code ?? ""),
            "message": .string(first?.message ?? ""), "errors": .array(failures.map(\.json)), "raw": raw.json,
            "state": .string(state), "correction": correction?.json ?? .null, "replay_run_id": .id(replayRun),
        ]
    }
}

extension RejectCorrection {
    fileprivate var json: JSONValue { ["raw": raw.json, "by": .string(by), "at": .time(at)] }
}

extension [RawField] {
    fileprivate var json: JSONValue {
        .object(JSONObject(firstOfEach: lazy.filter { !$0.isAbsent }.map { ($0.name, JSONValue.text($0.value)) }))
    }
}

extension FieldFailure {
    fileprivate var json: JSONValue {
        ["field": .string(field), "code": .string(code), "message": .string(message), "hint": .string(hint)]
    }
}

extension RejectGroup {
    static let schema = Schema.object(
        .required("field", .string, "The target field; empty for the whole record."),
        .required("code", .string),
        .required("count", .integer),
        .required("open", .integer, "Those that are open: not waiting, replayed or dismissed.")
    )

    fileprivate var json: JSONValue {
        ["field": .string(field), "code": .string(code), "count": .integer(count), "open": .integer(open)]
    }
}
