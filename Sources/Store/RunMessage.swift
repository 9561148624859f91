package import Changes
internal import JSON
internal import Mapping
package import Time

/// What a run's row and its outcome line say, in words.
package enum RunMessage {
    /// `2,000 people read: 1,950 created, 38 unchanged, 12 rejected. The rejects wait for a correction.`
    ///
    /// - Parameter suspended: how many people whom a complete snapshot lacked.
    package static func done(
        _ counts: Counts,
        _ streams: [RunStream],
        _ verdicts: [GuardVerdict] = [],
        suspended: Int64 = 0
    ) -> String {
        guard counts.read > 0 else { return "The source had no \(nouns(streams)): nothing was read or changed." }
        var text = "\(read(counts, streams)) read: \(effects(counts))."
        if counts.warned > 0 { text += " \(grouped(counts.warned)) with warnings." }
        if let doubt = verdicts.lazy.compactMap({ $0.snapshot?.doubt }).first {
            text += " Nobody was taken for absent: \(doubt)."
        }
        if suspended > 0 {
            text +=
                " \(grouped(suspended)) \(noun(.users, suspended)) whom the export lacked "
                + "\(suspended == 1 ? "was" : "were") suspended."
        }
        if counts.rejected > 0 { text += " The run's rejects say what to correct in the source or the mapping." }
        return text
    }

    static func shrunk(_ count: SnapshotCount) -> String {
        " The export may be cut: it has \(grouped(count.present)) records, the one before had \(grouped(count.whole)). Leavers "
            + "are ignored: whom it lacks was not touched."
    }

    /// What the guard has set aside comes first: it is what somebody has to do something about.
    package static func held(_ verdicts: [GuardVerdict], _ counts: Counts, _ streams: [RunStream]) -> String {
        let cause = verdicts.filter(\.isHeld).map(\.sentence).joined(separator: " ")
        return
            "Held: \(cause) Look at what was set aside, then approve the run to apply exactly that, or refuse it; the "
            + "next sync replaces it. The rest is in: \(read(counts, streams)) read, \(effects(counts))."
    }

    /// What a plan shows, in a sentence or two.
    ///
    /// - Parameter run: the run as its rehearsal has left it.
    static func planned(_ run: Run) -> String {
        // Where there was nothing to read from, its own sentence says so.
        guard run.counts.read > 0 else { return "Planned: \(run.message) Nothing was written." }
        let would = "Planned: of \(read(run.counts, run.streams)) read, applying it gives \(effects(run.counts))."
        let held = run.verdicts.filter(\.isHeld).map(\.sentence).joined(separator: " ")
        let snapshot = run.verdicts.filter { !$0.isHeld }.lazy.compactMap(\.snapshot).first
        var text = would + " Nothing was written yet."
        if !held.isEmpty {
            text +=
                " The guard would hold what ends access or changes keys: \(held) Who applies the plan decides about that, too."
        }
        if let absent = snapshot?.absent, absent > 0 {
            text += " \(grouped(absent)) \(noun(.users, absent)) whom the export lacks would be suspended."
        }
        if let doubt = snapshot?.doubt { text += " Nobody was taken for absent: \(doubt)." }
        return text
    }

    static func planApproved(_ actor: String) -> String {
        "The plan was approved by \(actor): waits for a worker to apply it."
    }

    /// Somebody was faster than who wants to apply a plan, or it can't be any more.
    static func decided(_ run: Run, _ plan: RunPlan) -> String {
        let by = plan.decidedBy.map { " by \($0)" } ?? ""
        switch plan.phase {
        case .approved where run.state == .held, .applied where run.state == .held:
            return
                "The plan of run \(run.id) was approved\(by) already, and the guard holds some of it: that is decided about "
                + "without naming the plan."
        case .approved, .applied:
            return "The plan of run \(run.id) was approved\(by) already: the run is \(run.state.rawValue)."
        case .dropped: return "The plan of run \(run.id) was dropped\(by). Plan again."
        case .superseded: return "The plan of run \(run.id) was ended\(by) before anybody decided. Plan again."
        case .planning, .planned: return "Run \(run.id) is \(run.state.rawValue): it has no plan to be applied."
        }
    }

    static func planEnded(_ phase: RunPlan.Phase, _ actor: String) -> String {
        switch phase {
        case .superseded where actor == Actor.host:
            "The plan was not applied: nobody decided about it, or a newer sync came before. Nothing was written."
        case .superseded: "The plan was not applied: a newer sync came before anybody decided. Nothing was written."
        default: "The plan was dropped by \(actor). Nothing was written."
        }
    }

    package static func approved(_ actor: String) -> String {
        "Approved by \(actor): waits for a worker to apply what was set aside."
    }

    package static func refused(_ actor: String, _ counts: Counts, _ streams: [RunStream]) -> String {
        "What was set aside was refused by \(actor) and stays as it was: the next sync finds it again. "
            + done(counts, streams)
    }

    package static func superseded(_ counts: Counts, _ streams: [RunStream]) -> String {
        "What was set aside was not applied: a newer sync came before anybody decided. " + done(counts, streams)
    }

    package static func retry(_ failure: RunFailure, attempt: Int64, at instant: Instant) -> String {
        "Attempt \(attempt) ended early: \(sentence(failure)) The next starts at \(instant)."
    }

    package static func failed(_ failure: RunFailure, _ counts: Counts, _ streams: [RunStream]) -> String {
        sentence(failure) + kept(counts, streams)
    }

    /// A run that only planned, or whose plan was not applied, has failed or was cancelled.
    package static func unapplied(_ failure: RunFailure) -> String {
        let text = failure.errorClass == "cancelled" ? "The run was cancelled." : sentence(failure)
        return saysItself.contains(failure.code) ? text : text + " Nothing was written."
    }

    /// The failure of such a run: a connector's is told in the words of one that commits what it reads.
    package static func ofUnapplied(_ failure: RunFailure) -> RunFailure {
        var failure = failure
        failure.message = failure.message.replacing(every: " What was committed stays.", with: "")
        return failure
    }

    /// Failures whose message says that nothing was written.
    private static let saysItself: Set<String> = ["plan_stale", "snapshot_empty"]

    package static func cancelled(_ counts: Counts, _ streams: [RunStream]) -> String {
        "The run was cancelled." + kept(counts, streams)
    }

    /// The line for counts that don't add up.
    static func accounts(_ counts: Counts) -> String {
        let sum =
            counts.created + counts.updated + counts.unchanged + counts.setAside + counts.rejected + counts.duplicate
        return "read \(counts.read), but created \(counts.created) + updated \(counts.updated) + unchanged "
            + "\(counts.unchanged) + set aside \(counts.setAside) + rejected \(counts.rejected) + duplicate "
            + "\(counts.duplicate) = \(sum), and \(counts.waiting) wait"
    }

    private static func kept(_ counts: Counts, _ streams: [RunStream]) -> String {
        guard counts.read > 0 else { return " Nothing had been read. The next run starts from the beginning." }
        return " What was committed stays: \(read(counts, streams)) read, \(effects(counts)). "
            + "The next run starts from the beginning and leaves what is unchanged alone."
    }

    private static func sentence(_ failure: RunFailure) -> String {
        [failure.message, failure.hint].filter { !$0.isEmpty }.map(ended).joined(separator: " ")
    }

    /// With a full stop, unless it has an end already (or a caret that points at something).
    private static func ended(_ text: String) -> String {
        guard let last = text.last, !".?!^".contains(last) else { return text }
        return text + "."
    }

    private static func effects(_ counts: Counts) -> String {
        let parts: [(Int64, String)] = [
            (counts.created, "created"), (counts.updated, "updated"), (counts.unchanged, "unchanged"),
            (counts.setAside, "set aside"), (counts.rejected, "rejected"), (counts.duplicate, "duplicate"),
            (counts.waiting, "undecided"),
        ]
        let named = parts.filter { $0.0 > 0 }.map { "\(grouped($0.0)) \($0.1)" }
        return named.isEmpty ? "nothing changed" : named.joined(separator: ", ")
    }

    /// `2,000 people, 120 courses and 6,000 enrolments`
    private static func read(_ counts: Counts, _ streams: [RunStream]) -> String {
        let entities = Entity.allCases.filter { entity in streams.contains { $0.entity == entity } }
        var parts = entities.map { entity in
            let count =
                entities.count == 1
                ? counts.read - counts.replayed
                : streams.reduce(0) { $1.entity == entity ? $0 + $1.counts.read : $0 }
            return "\(grouped(count)) \(noun(entity, count))"
        }
        if counts.replayed > 0 {
            parts.append("\(grouped(counts.replayed)) that had waited since earlier runs")
        }
        return joined(parts, "and")
    }

    private static func nouns(_ streams: [RunStream]) -> String {
        joined(Entity.allCases.filter { entity in streams.contains { $0.entity == entity } }.map { noun($0, 0) }, "or")
    }

    private static func joined(_ parts: [String], _ word: String) -> String {
        guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
        return parts.dropLast().joined(separator: ", ") + " \(word) " + last
    }

    private static func noun(_ entity: Entity, _ count: Int64) -> String {
        switch entity {
        case .users: count == 1 ? "person" : "people"
        case .courses: count == 1 ? "course" : "courses"
        case .enrollments: count == 1 ? "enrolment" : "enrolments"
        }
    }

    /// `1234567` → `1,234,567`
    package static func grouped(_ number: Int64) -> String {
        Grouped.text(number)
    }
}
