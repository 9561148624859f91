package import Identifiers
internal import JSON
internal import SQLite
package import Time

extension SQLiteStore {
    package func beginIdempotent(
        key: String,
        fingerprint: [UInt8],
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> IdempotencyStart {
        try await transaction(.api) { connection throws(StoreError) in
            let standing = try KeyRow.find(connection, key, tenant: tenant)
            switch KeyRow.decide(standing, fingerprint, now) {
            case .start(let start): return start
            case .take(let fence):
                try connection.change(
                    """
                    INSERT INTO integration_idempotency
                        (tenant_id, key, fingerprint, state, fence, created_at, taken_at)
                        VALUES (?1, ?2, ?3, 'in_progress', ?4, ?5, ?5)
                        ON CONFLICT (tenant_id, key) DO UPDATE SET fingerprint = excluded.fingerprint,
                            state = excluded.state, fence = excluded.fence, created_at = excluded.created_at,
                            taken_at = excluded.taken_at, status = NULL, headers = NULL, body = NULL
                    """,
                    [.id(tenant), .text(key), .blob(fingerprint), .integer(fence), .time(now)]
                )
                return .new(IdempotencyClaim(key: key, tenant: tenant, fence: fence))
            }
        }
    }

    package func finishIdempotent(
        _ claim: IdempotencyClaim,
        answer: StoredAnswer
    ) async throws(StoreError) {
        guard answer.body.count <= StoredAnswer.largestBody else {
            throw StoreError(
                .invalid,
                "An answer of \(answer.body.count) bytes can't be kept to be repeated: the limit is "
                    + "\(StoredAnswer.largestBody) bytes."
            )
        }
        try await transaction(.api) { connection throws(StoreError) in
            let kept = try connection.change(
                """
                UPDATE integration_idempotency SET state = 'done', status = ?4, headers = ?5, body = ?6
                    WHERE tenant_id = ?1 AND key = ?2 AND fence = ?3 AND state = 'in_progress'
                """,
                [
                    .id(claim.tenant), .text(claim.key), .integer(claim.fence), .integer(Int64(answer.status)),
                    .json(StoredAnswer.json(answer.headers)), .blob(answer.body),
                ]
            )
            guard kept == 1 else {
                throw StoreError(.fenced, "The idempotency key was taken over: another request answers for it.")
            }
        }
    }

    package func abandonIdempotent(_ claim: IdempotencyClaim) async throws(StoreError) {
        _ = try await transaction(.api) { connection throws(StoreError) in
            try connection.change(
                """
                DELETE FROM integration_idempotency
                    WHERE tenant_id = ? AND key = ? AND fence = ? AND state = 'in_progress'
                """,
                [.id(claim.tenant), .text(claim.key), .integer(claim.fence)]
            )
        }
    }

    package func forgetExpiredAnswers(limit: Int, now: Instant) async throws(StoreError) -> Int64 {
        try await transaction(.heartbeat) { connection throws(StoreError) in
            try connection.change(
                """
                DELETE FROM integration_idempotency WHERE number IN
                    (SELECT number FROM integration_idempotency WHERE created_at <= ? ORDER BY created_at LIMIT ?)
                """,
                [.time(now + (.zero - KeyRow.lifetime)), .integer(Int64(limit))]
            )
        }
    }
}

/// The rows of integration_idempotency.
private struct KeyRow {
    var fingerprint: [UInt8]
    /// nil while the request is being answered.
    var answer: StoredAnswer?
    var fence: Int64
    var createdAt: Instant
    var takenAt: Instant

    static let lifetime = Duration.seconds(24 * 3_600)
    /// Longer than a request may last, which is 60 seconds by itself: nobody takes a key from one that is alive.
    private static let patience = Duration.seconds(180)

    enum Decision {
        case start(IdempotencyStart)
        /// With this fence.
        case take(Int64)
    }

    static func decide(_ standing: KeyRow?, _ fingerprint: [UInt8], _ now: Instant) -> Decision {
        guard let standing else { return .take(1) }
        guard now < standing.createdAt + lifetime else { return .take(standing.fence + 1) }
        guard standing.fingerprint == fingerprint else { return .start(.mismatch) }
        if let answer = standing.answer { return .start(.answered(answer)) }
        guard now < standing.takenAt + patience else { return .take(standing.fence + 1) }
        return .start(.inProgress)
    }

    static func find(_ connection: SQLiteConnection, _ key: String, tenant: UUID) throws(StoreError) -> KeyRow? {
        try connection.row(
            """
            SELECT fingerprint, fence, created_at, taken_at, status, headers, body FROM integration_idempotency
                WHERE tenant_id = ? AND key = ?
            """,
            [.id(tenant), .text(key)]
        ) { row throws(StoreError) in
            KeyRow(
                fingerprint: row.bytes(0),
                answer: row.isNull(4) ? nil : try answer(row),
                fence: row.int64(1),
                createdAt: row.time(2),
                takenAt: row.time(3)
            )
        }
    }

    private static func answer(_ row: SQLiteStatement) throws(StoreError) -> StoredAnswer {
        guard let headers = StoredAnswer.headers(try row.json(5)) else { throw row.damaged("no list of headers") }
        return StoredAnswer(status: Int(row.int64(4)), headers: headers, body: row.bytes(6))
    }
}

extension StoredAnswer {
    /// `[["Location", "/api/…"]]`
    fileprivate static func json(_ headers: [Header]) -> JSONValue {
        .array(headers.map { [.string($0.name), .string($0.value)] })
    }

    fileprivate static func headers(_ json: JSONValue) -> [Header]? {
        guard let pairs = json.arrayValue else { return nil }
        var headers: [Header] = []
        for pair in pairs {
            guard let texts = pair.arrayValue, texts.count == 2, let name = texts[0].stringValue,
                let value = texts[1].stringValue
            else { return nil }
            headers.append(Header(name: name, value: value))
        }
        return headers
    }
}
