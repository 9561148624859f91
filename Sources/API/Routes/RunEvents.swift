internal import Changes
internal import HTTPServer
internal import Identifiers
internal import JSON
internal import Store
internal import Sync

/// A run as server-sent events: WHATWG HTML, "Server-sent events".
struct RunEvents: Sendable {
    let context: APIContext

    var endpoint: Endpoint {
        Endpoint(
            .get,
            "/runs/{id}/events",
            "watchRun",
            "Tells how a run goes, as it goes, until it has ended or waits for somebody's decision.",
            answers: [
                .events(
                    "Server-sent events: progress with id, state, message, counts and progress of the run, the first at once, "
                        + "then at most four a second; and end with the whole run, after which the stream ends."
                )
            ],
            deadline: .none,
            handle: watch
        )
    }

    private func watch(_ call: Call) async throws -> Response {
        let (store, run, tenant) = (context.store, try call.runID(), call.tenant)
        guard let statuses = try await context.board.events(for: run, tenant: tenant, in: store) else {
            throw Problem.notFound("run")
        }
        return .events { stream in
            for await status in statuses {
                guard status.state.isAtRest else {
                    try await stream.send(event: "progress", data: status.json.text)
                    continue
                }
                // Read again: the board doesn't know when it ended, and why.
                if let ended = try await store.run(run, tenant: tenant) {
                    try await stream.send(event: "end", data: ended.json().text)
                }
                return
            }
        }
    }
}

extension RunStatus {
    /// Names and shapes as in the run.
    fileprivate var json: JSONValue {
        [
            "id": .id(run), "state": .string(state.rawValue), "message": .string(message), "counts": counts.json,
            "progress": progressJSON,
        ]
    }
}
