internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store
internal import Sync

/// Rejects looked at one by one, corrected, dismissed, and replayed.
struct RejectChangeRoutes: Sendable {
    let context: APIContext

    var endpoints: [Endpoint] {
        [
            Endpoint(
                .post,
                "/runs/{id}/rejects/replay",
                "replayRejects",
                "Queues a run that applies rejects of this one again, as they are or as they were corrected, under the newest "
                    + "mappings.",
                body: .json(.reference("ReplayStart")),
                answers: [.accepted(.reference("Run"), "Queued.")],
                problems: [
                    (
                        409,
                        "The configuration has a run in hand (run_id names it), is off, or was deleted; or its provider is "
                            + "off for this tenant."
                    ),
                    (422, "Nothing of it is open or waits, or what is isn't mapped any more."),
                ],
                handle: replay
            ),
            Endpoint(
                .get,
                "/runs/{id}/rejects/{reject}",
                "getReject",
                "Shows a reject.",
                answers: [.ok(.reference("Reject"))],
                isVersioned: true,
                handle: show
            ),
            Endpoint(
                .patch,
                "/runs/{id}/rejects/{reject}",
                "changeReject",
                "Corrects a reject's record, for a replay, or dismisses the reject.",
                body: .json(.reference("RejectChange")),
                answers: [.ok(.reference("Reject"))],
                problems: [(409, "It was replayed: its record is in.")],
                isVersioned: true,
                handle: change
            ),
        ]
    }

    static let replaySchema = Schema.closed(
        .optional("ids", .list(of: .id, count: 1...ReplayChoice.mostIDs), "These rejects."),
        .optional("code", .text(1...100), "Those whose first failure has this code."),
        .optional("field", .text(0...200), "Beside code: and is in this target field; empty for the whole record."),
        .optional("all", .bool, "All that are open or wait.")
    )

    static let changeSchema = Schema.closed(
        .optional(
            "raw",
            Schema.map(of: .text(0...RawField.largestValue).orNull).orNull,
            "Corrected source fields by name; the others stay. Null takes the correction back."
        ),
        .optional("state", .oneOf(["open", "dismissed"]))
    )

    // MARK: - One reject

    private func show(_ call: Call) async throws -> Response {
        try await reject(call).response
    }

    private func reject(_ call: Call) async throws -> StoredReject {
        let (id, run) = (try call.path.id("reject"), try call.runID())
        do throws(StoreError) {
            let found = try await context.store.reject(id, run: run, tenant: call.tenant)
            if let found { return found }
        } catch {
            guard error.code == .notFound else { throw error }
        }
        throw Problem.notFound("reject")
    }

    /// Where somebody else came first, and the client named no version, it is made anew.
    private func change(_ call: Call) async throws -> Response {
        for _ in 0..<8 {
            let reject = try await reject(call)
            try call.requireMatch(version: reject.version)
            let change = try change(of: reject, call)
            guard change != RejectChange() else { return reject.response }
            do throws(StoreError) {
                return try await context.store.changeReject(
                    reject.id,
                    run: reject.run,
                    change,
                    version: reject.version,
                    actor: call.principal.subject,
                    tenant: call.tenant,
                    now: call.now
                ).response
            } catch {
                switch error.code {
                case .stale where !call.namesVersion: continue
                case .stale: throw Problem.stale
                case .conflict: throw Problem.conflict("reject_replayed", error.tenantMessage)
                default: throw error
                }
            }
        }
        throw Problem.stale
    }

    private func change(of reject: StoredReject, _ call: Call) throws -> RejectChange {
        var fields = try call.fields()
        var change = RejectChange(state: try fields.optionalString("state"))
        switch fields.optionalValue("raw") {
        case nil: break
        case .null: change.correction = .takenBack
        case .some(let value): change.correction = .set(try reject.corrected(by: value.objectValue ?? [:]))
        }
        return change
    }

    // MARK: - Replay

    private func replay(_ call: Call) async throws -> Response {
        guard let refused = try await context.store.run(try call.runID(), tenant: call.tenant) else {
            throw Problem.notFound("run")
        }
        let request = ReplayRequest(run: refused.id, choice: try choice(call), actor: call.principal.subject)
        let run: Run
        do throws(StoreError) {
            run = try await context.store.enqueueReplay(request, tenant: call.tenant, now: call.now)
        } catch {
            guard error.code == .conflict else { throw error }
            throw try await context.runInHand(error, config: refused.config, call)
        }
        context.workers.wake()
        return Response.json(run.json()).located("/runs/\(run.id)", .accepted)
    }

    private func choice(_ call: Call) throws -> ReplayChoice {
        var fields = try call.fields()
        let ids = try fields.optionalArray("ids")
        let code = try fields.optionalString("code")
        let field = try fields.optionalString("field")
        let all = try fields.optionalBool("all") ?? false
        guard [ids != nil, code != nil, all].count(where: { $0 }) == 1 else {
            throw Problem.invalid("", "choice_needed", "Say which rejects: ids, or code (with field), or all as true.")
        }
        guard field == nil || code != nil else {
            throw Problem.invalid("/field", "code_missing", "A field goes with a code.")
        }
        if let ids { return .ids(ids.compactMap { $0.stringValue.flatMap { UUID($0) } }) }
        if let code { return .group(code: code, field: field) }
        return .all
    }
}

extension StoredReject {
    fileprivate var response: Response { Response.json(json).tagged(version: version) }

    /// The record with these fields in place of its own. One that its source spoiled has none: it takes any.
    fileprivate func corrected(by values: JSONObject) throws(Problem) -> [RawField] {
        let names = raw.map(\.name).filter { !$0.isEmpty }
        var fields = correction?.raw ?? (names.isEmpty ? [] : raw)
        for member in values.members {
            let value = member.value.stringValue
            if let place = fields.firstIndex(where: { $0.name == member.name }) {
                fields[place] = RawField(name: member.name, value: value)
            } else if names.isEmpty, !member.name.isEmpty {
                fields.append(RawField(name: member.name, value: value))
            } else {
                let known = names.map { "\"\($0)\"" }.joined(separator: ", ")
                throw .invalid(
                    JSONPointer.appending(member.name, to: "/raw"),
                    "unknown_field",
                    names.isEmpty ? "A field needs a name." : "The record has no such field. It has \(known)."
                )
            }
        }
        guard !fields.isEmpty else {
            throw .invalid("/raw", "field_missing", "The record couldn't be taken apart: name its fields.")
        }
        return fields
    }
}
