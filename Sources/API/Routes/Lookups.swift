internal import HTTPServer
internal import JSON
internal import Mapping
internal import Store

/// The tenant's tables for `lookup`.
enum LookupTopic {
    static func topic(_ context: APIContext) -> Topic {
        let routes = LookupRoutes(context: context)
        return Topic(
            "Lookups",
            "Tables of keys and values that the function lookup reads in mappings.",
            schemas: ["Lookup": Lookup.schema],
            endpoints: [
                Endpoint(
                    .get,
                    "/lookups",
                    "listLookups",
                    "Lists the tenant's lookup tables by name.",
                    answers: [
                        .ok(
                            .object(
                                .required("items", .list(of: .reference("Lookup"))),
                                .required("next_cursor", .null, "All stand on one page.")
                            )
                        )
                    ],
                    handle: routes.list
                ),
                Endpoint(
                    .get,
                    "/lookups/{lookup}",
                    "getLookup",
                    "Gives a lookup table as CSV, as it can be put back.",
                    parameters: [nameParameter],
                    answers: [.content("text/csv", "A header key,value, then a line for each entry.")],
                    isVersioned: true,
                    handle: routes.show
                ),
                Endpoint(
                    .put,
                    "/lookups/{lookup}",
                    "putLookup",
                    "Makes a lookup table of CSV, or replaces all of its entries. Runs that read already go on with the old ones.",
                    parameters: [nameParameter],
                    body: .stream([("text/csv", csv)], limit: Int64(LookupCSV.mostBytes)),
                    answers: [
                        .ok(.reference("Lookup"), "Replaced."), .created(.reference("Lookup")),
                    ],
                    problems: [
                        (
                            422,
                            "The name or the content is not what it should be; line names where, or there are too many tables."
                        )
                    ],
                    isVersioned: true,
                    handle: routes.put
                ),
                Endpoint(
                    .delete,
                    "/lookups/{lookup}",
                    "deleteLookup",
                    "Deletes a lookup table.",
                    parameters: [nameParameter],
                    answers: [.noContent],
                    problems: [(409, "The newest mappings of a configuration use it.")],
                    isVersioned: true,
                    handle: routes.delete
                ),
            ]
        )
    }

    private static let nameParameter = Parameter.path(
        "lookup",
        .text(1...63),
        "The table's name: a to z, 0 to 9, _ and -, the first a letter or digit."
    )

    private static let csv = Schema.string.described(
        "In UTF-8, comma-separated: a header key,value, then at most \(LookupCSV.mostEntries) lines, each key once."
    )
}

private struct LookupRoutes: Sendable {
    let context: APIContext

    func list(_ call: Call) async throws -> Response {
        let lookups = try await context.store.lookups(tenant: call.tenant)
        return .json(["items": .array(lookups.map(\.json)), "next_cursor": .null])
    }

    func show(_ call: Call) async throws -> Response {
        let name = try call.path.text("lookup")
        guard let found = try await context.store.lookup(name, tenant: call.tenant) else {
            throw Problem.notFound("lookup table")
        }
        let headers: Headers = [
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": "attachment; filename=\"\(name).csv\"",
        ]
        return Response(.ok, headers: headers, body: .bytes(LookupCSV.bytes(found.entries)))
            .tagged(version: found.lookup.version)
    }

    func put(_ call: Call) async throws -> Response {
        let name = try call.path.text("lookup")
        guard Self.isName(name) else {
            throw Problem(
                422,
                "invalid_name",
                "A lookup table's name has a to z, 0 to 9, _ and -, and begins with a letter or digit."
            )
        }
        let version = try await version(name, call)
        let entries = try Self.entries(try await call.request.body.collect(upTo: LookupCSV.mostBytes))
        let lookup = try await context.store.saveLookup(
            name,
            entries: entries,
            version: version,
            actor: call.principal.subject,
            tenant: call.tenant,
            now: context.now()
        )
        let response = Response.json(lookup.json).tagged(version: lookup.version)
        return lookup.createdAt == lookup.updatedAt ? response.located("/lookups/\(name)") : response
    }

    func delete(_ call: Call) async throws -> Response {
        let name = try call.path.text("lookup")
        try await context.store.deleteLookup(
            name,
            version: try await version(name, call),
            actor: call.principal.subject,
            tenant: call.tenant,
            now: context.now()
        )
        return Response(.noContent)
    }

    /// The version that the client means to change, if it says so; 0 where there is no such table.
    private func version(_ name: String, _ call: Call) async throws -> Int64? {
        guard call.namesVersion else { return nil }
        let standing = try await context.store.lookups(tenant: call.tenant).first { $0.name == name }
        let version = standing?.version ?? 0
        try call.requireMatch(version: version)
        return version
    }

    private static func entries(_ bytes: [UInt8]) throws(Problem) -> [LookupEntry] {
        do throws(LookupCSV.Fault) {
            return try LookupCSV.entries(bytes)
        } catch {
            var problem = Problem(422, error.code, "Line \(error.line): \(error.message)")
            problem.more["line"] = .integer(Int64(error.line))
            throw problem
        }
    }

    private static func isName(_ name: String) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: "_"), first != UInt8(ascii: "-") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }
}

extension Lookup {
    fileprivate static let schema = Schema.object(
        .required("name", .string),
        .required("count", .integer, "How many entries it has."),
        .required("created_at", .time),
        .required("updated_at", .time),
        .required("updated_by", .string)
    )

    fileprivate var json: JSONValue {
        [
            "name": .string(name), "count": .integer(count), "created_at": .time(createdAt),
            "updated_at": .time(updatedAt), "updated_by": .string(updatedBy),
        ]
    }
}
