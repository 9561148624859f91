package import Identifiers
package import Time

/// Answers that are given again when a request is repeated under its key, for 24 hours.
package protocol IdempotencyStore: Sendable {
    /// Takes the key for a request, or says what became of the one that has it. Of a process that took a key and died, the
    /// key is free for the same request after 180 seconds: longer than any request that takes a key may last.
    ///
    /// - Parameter fingerprint: 32 bytes that tell requests apart.
    func beginIdempotent(
        key: String,
        fingerprint: [UInt8],
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> IdempotencyStart
    /// Keeps the answer. `fenced` if somebody else took the key over, `invalid` for a body of more than
    /// `StoredAnswer.largestBody`: give such a key back with `abandonIdempotent`.
    func finishIdempotent(_ claim: IdempotencyClaim, answer: StoredAnswer) async throws(StoreError)
    /// Gives the key back: nothing came of the request. Nothing happens if the claim is not the key's any more.
    func abandonIdempotent(_ claim: IdempotencyClaim) async throws(StoreError)
    /// Deletes answers that have expired, of any tenant, at most `limit`; answers how many.
    @discardableResult
    func forgetExpiredAnswers(limit: Int, now: Instant) async throws(StoreError) -> Int64
}

package enum IdempotencyStart: Sendable, Equatable {
    /// Nobody has answered: do it, then finish or abandon the claim.
    case new(IdempotencyClaim)
    /// The same request is being answered.
    case inProgress
    case answered(StoredAnswer)
    /// The key belongs to another request.
    case mismatch
}

/// The right to answer for a key, as long as nobody takes it over.
package struct IdempotencyClaim: Sendable, Equatable {
    package var key: String
    package var tenant: UUID
    /// Grows with each who takes the key over.
    package var fence: Int64

    package init(key: String, tenant: UUID, fence: Int64) {
        self.key = key
        self.tenant = tenant
        self.fence = fence
    }
}

package struct StoredAnswer: Sendable, Equatable {
    package struct Header: Sendable, Equatable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package var status: Int
    package var headers: [Header]
    package var body: [UInt8]

    /// 256 KiB
    package static let largestBody = 256 << 10

    package init(status: Int, headers: [Header], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
