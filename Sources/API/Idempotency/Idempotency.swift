internal import Crypto
internal import HTTPServer
internal import JSON
internal import Log
internal import Store

/// Requests that may be sent again: one with an `Idempotency-Key` is done once, and answered as it was then.
///
/// draft-ietf-httpapi-idempotency-key-header. Only what was answered with success is kept: a request that was refused has
/// done nothing, and may be sent again under its key. The answer is kept behind what was done, not with it: where the
/// process ends between the two, or a request fails after its deed, a repetition is done again.
struct Idempotency: Sendable {
    let store: any Store

    func answer(_ call: Call, _ handle: @Sendable (Call) async throws -> Response) async throws -> Response {
        guard let key = try Self.key(call.request) else { return try await handle(call) }
        let start = try await store.beginIdempotent(
            key: key,
            fingerprint: Self.fingerprint(call),
            tenant: call.tenant,
            now: call.now
        )
        switch start {
        case .answered(let answer): return Self.replayed(answer)
        case .inProgress:
            var problem = Problem.conflict(
                "request_in_progress",
                "The same request is being worked on. Ask again under the same key in a moment."
            )
            problem.headers["Retry-After"] = "1"
            throw problem
        case .mismatch:
            throw Problem(
                422,
                "idempotency_key_reused",
                "This Idempotency-Key was sent with another request. Make a new key for each request."
            )
        case .new(let claim):
            let response: Response
            do {
                response = try await handle(call)
            } catch {
                await giveBack(claim, call.log)
                throw error
            }
            await keep(response, claim, call)
            return response
        }
    }

    private func keep(_ response: Response, _ claim: IdempotencyClaim, _ call: Call) async {
        guard (200...299).contains(response.status.code), case .bytes(let body) = response.body,
            body.count <= StoredAnswer.largestBody
        else { return await giveBack(claim, call.log) }
        let answer = StoredAnswer(
            status: response.status.code,
            headers: response.headers.fields.map { .init(name: $0.name, value: $0.value) },
            body: body
        )
        do throws(StoreError) {
            try await store.finishIdempotent(claim, answer: answer)
        } catch {
            // It is done all the same: the client gets its answer, and only a repetition would be done again.
            call.log.warning("an answer can't be kept for its key", [("error", .string(error.debugDescription))])
        }
    }

    private func giveBack(_ claim: IdempotencyClaim, _ log: Logger) async {
        do throws(StoreError) {
            try await store.abandonIdempotent(claim)
        } catch {
            log.warning(
                "a key can't be given back; it is free in three minutes",
                [("error", .string(error.debugDescription))]
            )
        }
    }

    private static func replayed(_ answer: StoredAnswer) -> Response {
        var headers = Headers()
        for header in answer.headers { headers.add(header.name, header.value) }
        headers["Idempotency-Replayed"] = "true"
        return Response(Status(answer.status), headers: headers, body: .bytes(answer.body))
    }

    /// Nil where none is sent.
    private static func key(_ request: Request) throws(Problem) -> String? {
        let keys = request.headers.all(header)
        guard !keys.isEmpty else { return nil }
        let isGood = (1...255).contains(keys[0].utf8.count) && keys[0].utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard keys.count == 1, isGood else {
            throw .invalidParameter(header, "must be one key of 1 to 255 visible ASCII characters")
        }
        return keys[0]
    }

    /// Tells requests apart: method, address and content.
    private static func fingerprint(_ call: Call) -> [UInt8] {
        let query = call.request.target.query.map { JSONValue.array([.string($0.name), .string($0.value)]) }
        let whole: JSONValue = [
            .string(call.request.method.name), .string(call.request.path), .array(query), call.json ?? .null,
        ]
        return SHA256.hash(whole.serialized()).bytes
    }

    static let header = "Idempotency-Key"

    static let parameter = Parameter.header(
        header,
        Schema(["type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"]),
        "A key of the client's own making for this one request: where it was answered with success, the same within a day "
            + "is not done again, but answered as it was then (with Idempotency-Replayed). After an answer of 500 or more, or "
            + "none, it may have been done all the same: look before you repeat it."
    )
}
