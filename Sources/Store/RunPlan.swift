package import Changes
internal import Crypto
package import Identifiers
package import JSON
package import Mapping
package import Time

/// What a dry run has found out, and what became of it.
package struct RunPlan: Sendable, Equatable {
    package enum Phase: String, Sendable, CaseIterable {
        /// It is being made: read, mapped and compared, and nothing is written.
        case planning
        /// It is kept for somebody to look at.
        case planned
        /// Somebody wants it applied; nothing is written yet.
        case approved
        /// Its records go in, as far as they still do what was shown.
        case applied
        /// Somebody didn't want it.
        case dropped
        /// A newer sync came before anybody decided, or nobody did for a month.
        case superseded
    }

    package var phase = Phase.planning
    /// Of all that it shows: who applies it says which plan is meant. 64 digits.
    package var hash: String?
    /// Since when what it shows is compared with: changes after it are not in it.
    package var asOf: Instant?
    /// Of the config that it was made with.
    package var configVersion: Int64 = 0
    /// The last row of each entity when it was made: those after it are new.
    package var lastRows: [Entity: Int64] = [:]
    /// What was read: the SHA-256 of each file, by stream.
    package var sources: [String: String] = [:]
    /// Which file of the tenant's folder was read; nil for any other run, and where no new one was there.
    package var file: File?
    package var decidedBy: String?
    package var decidedAt: Instant?
    /// What the guard says of it, as it is shown.
    package var verdicts: [GuardVerdict] = []

    package init() {}

    /// A file of the tenant's folder: the plan is of this one, whatever has come since.
    package struct File: Sendable, Equatable {
        /// In the folder: `hr/people.csv`.
        package var path: String
        /// 64 digits.
        package var sha256: String
        /// What was declared about it: an object, or null.
        package var declared: JSONValue

        package init(path: String, sha256: String, declared: JSONValue) {
            self.path = path
            self.sha256 = sha256
            self.declared = declared
        }

        package init(_ taken: TakenFileDraft) {
            self.init(path: taken.path, sha256: taken.sha256.hex, declared: taken.declared)
        }
    }

    /// Whether its records are only looked at: on a copy of the tenant's rows.
    package var isRehearsal: Bool { phase == .planning }

    /// Whether somebody has decided about what the guard would hold: what a plan shows is decided with it. Anything more, or
    /// for a reason that it has not shown, is not.
    package func decides(_ verdict: GuardVerdict) -> Bool {
        switch phase {
        case .planning: true
        case .applied: verdicts.contains { verdict.isDecided(by: $0) }
        case .planned, .approved, .dropped, .superseded: false
        }
    }
}

extension RunPlan {
    init(json: JSONValue) throws(JSONFieldError) {
        var fields = try JSONFields(json)
        phase = try fields.oneOf("phase", Phase.self)
        hash = try fields.optionalString("hash")
        asOf = try fields.optionalInteger("as_of").map(Instant.init(microseconds:))
        configVersion = try fields.optionalInteger("config_version") ?? 0
        if var rows = try fields.optionalFields("last_rows") {
            for entity in Entity.allCases { lastRows[entity] = try rows.optionalInteger(entity.rawValue) }
            try rows.finish()
        }
        for member in (try fields.optionalObject("sources") ?? [:]).members {
            sources[member.name] = member.value.stringValue
        }
        if var file = try fields.optionalFields("file") {
            self.file = File(
                path: try file.string("path"),
                sha256: try file.string("sha256"),
                declared: try file.optionalObject("declared").map { .object($0) } ?? .null
            )
            try file.finish()
        }
        decidedBy = try fields.optionalString("decided_by")
        decidedAt = try fields.optionalInteger("decided_at").map(Instant.init(microseconds:))
        // Plans of earlier versions have none.
        verdicts = try (try fields.optionalArray("guard") ?? []).map { value throws(JSONFieldError) in
            try GuardVerdict(json: value)
        }
        try fields.finish()
    }

    /// As its column holds it.
    var json: JSONValue {
        var rows = JSONObject()
        for entity in Entity.allCases { rows[entity.rawValue] = lastRows[entity].map { .integer($0) } }
        var sources = JSONObject()
        for (stream, hash) in self.sources.sorted(by: { $0.key < $1.key }) { sources[stream] = .string(hash) }
        return [
            "phase": .string(phase.rawValue), "hash": hash.map { .string($0) } ?? .null,
            "as_of": asOf.map { .integer($0.microseconds) } ?? .null, "config_version": .integer(configVersion),
            "last_rows": .object(rows), "sources": .object(sources), "file": file?.json ?? .null,
            "decided_by": decidedBy.map { .string($0) } ?? .null,
            "decided_at": decidedAt.map { .integer($0.microseconds) } ?? .null,
            "guard": .array(verdicts.map(\.json)),
        ]
    }
}

extension RunPlan.File {
    var json: JSONValue {
        ["path": .string(path), "sha256": .string(sha256), "declared": declared]
    }
}

/// A copy of a tenant's rows, on which a run goes the whole way of a record without touching the rows themselves.
package protocol Rehearsal: Sendable {
    /// The copy: whatever a run does to a store, it does to this one.
    var store: any Store { get }
    /// The run's right to commit there.
    var lease: RunLease { get }
    /// Keeps what the run has done to the copy as its plan, in the tenant's own store, and ends its job: the run is `planned`.
    /// Safe to repeat. `fenced` if the lease was lost.
    ///
    /// - Parameter sources: what was read: the SHA-256 of each file, by stream.
    func keep(sources: [String: String], now: Instant) async throws(StoreError) -> Run
    /// Deletes the copy.
    func end() async
}

/// Runs that stop at a plan.
package protocol PlanStore: Sendable {
    /// Copies the tenant's rows for a run that plans.
    func rehearsal(_ lease: RunLease, now: Instant) async throws(StoreError) -> any Rehearsal
    /// Queues a planned run once more, to apply what it has shown. `conflict` if it is not planned, or its config has a run in
    /// hand; `stale` if the plan is another by now, or what it was made with has changed.
    ///
    /// - Parameter hash: of the plan that is meant.
    func applyPlan(
        _ id: UUID,
        hash: String,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run
    /// Ends a planned run: nothing of it is applied. `conflict` if it is not planned, `stale` if its plan is another.
    ///
    /// - Parameter hash: of the plan that is meant; nil for whichever it has.
    func dropPlan(
        _ id: UUID,
        hash: String?,
        actor: String,
        tenant: UUID,
        now: Instant
    ) async throws(StoreError) -> Run
    /// Why a plan doesn't hold any more, in a sentence: a row that it changes has been changed since, or new ones have come
    /// where it makes some. Nil if it holds.
    ///
    /// - Parameter most: how many of the rows are compared, at most; nil for all.
    func planDrift(_ run: Run, most: Int64?) async throws(StoreError) -> String?
    /// Begins to apply an approved plan: what the run has told and counted while it planned makes room for what it does now.
    /// Safe to repeat.
    func beginApplying(_ lease: RunLease, now: Instant) async throws(StoreError) -> RunLease
    /// Deletes effects that nobody needs any more: those of plans that have ended, and what was set aside before
    /// `cutoff` and is decided. Answers after which number to go on; nil when all were looked at.
    func forgetEffects(
        decidedBefore cutoff: Instant,
        after number: Int64,
        limit: Int
    ) async throws(StoreError) -> Int64?
    /// Ends plans made before `cutoff` that nobody has decided about, `limit` at most; answers how many.
    func expirePlans(madeBefore cutoff: Instant, limit: Int, now: Instant) async throws(StoreError) -> Int
}
