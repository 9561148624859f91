package import JSON
package import Mapping

/// Of how many rows a config's guarded effects on an entity are a part.
package struct GuardPopulation: Sendable, Equatable {
    /// All that the config owned before the run, or takes over.
    package var owned: Int64
    /// Those of them that have something to lose: people with access, active courses, enrolments that haven't ended. What has
    /// ended in the years before would make the limits wider and wider.
    package var standing: Int64

    package init(owned: Int64, standing: Int64) {
        self.owned = owned
        self.standing = standing
    }

    package func whole(_ effect: GuardedEffect) -> Int64 {
        switch effect {
        case .deactivate, .unenrol: standing
        case .keyChange: owned
        }
    }
}

/// Whether a run's guarded effects on one entity are few enough to be applied without asking anybody.
package struct GuardVerdict: Sendable, Equatable {
    package struct Count: Sendable, Equatable {
        package var effect: GuardedEffect
        package var count: Int64
        /// How many it could happen to: `GuardPopulation`.
        package var whole: Int64
        /// What the config's runs shortly before have applied by themselves.
        package var earlier: Int64
        package var limit: Int64
        /// What brings most of them about.
        package var cause: GuardCause

        package init(
            effect: GuardedEffect,
            count: Int64,
            whole: Int64,
            earlier: Int64,
            limit: Int64,
            cause: GuardCause
        ) {
            self.effect = effect
            self.count = count
            self.whole = whole
            self.earlier = earlier
            self.limit = limit
            self.cause = cause
        }

        /// Many small runs are one large one.
        package var isBreach: Bool { limit < .max && count + earlier > limit }
    }

    /// So many records with the same causes.
    package struct Group: Sendable, Equatable {
        package var kinds: [GuardedEffect]
        /// By kind.
        package var causes: [GuardCause]
        package var count: Int64

        package init(kinds: [GuardedEffect], causes: [GuardCause], count: Int64) {
            self.kinds = kinds
            self.causes = causes
            self.count = count
        }
    }

    package var entity: Entity
    /// The rows of the entity that the config owned when the run began, ended ones among them.
    package var population: Int64
    /// Of the kinds that came up, in the order of `GuardedEffect`.
    package var counts: [Count]
    /// Of people, where the policy wants to know who is absent.
    package var snapshot: SnapshotCount?

    package init(entity: Entity, population: Int64, counts: [Count], snapshot: SnapshotCount? = nil) {
        self.entity = entity
        self.population = population
        self.counts = counts
        self.snapshot = snapshot
    }

    package static func decide(
        _ entity: Entity,
        _ groups: [Group],
        population: GuardPopulation,
        earlier: [GuardedEffect: Int64] = [:],
        limits: GuardLimits,
        snapshot: SnapshotCount? = nil
    ) -> GuardVerdict {
        var counts: [Count] = []
        for effect in GuardedEffect.allCases {
            var causes: [GuardCause: Int64] = [:]
            for group in groups {
                guard let place = group.kinds.firstIndex(of: effect) else { continue }
                causes[place < group.causes.count ? group.causes[place] : .sentence(""), default: 0] += group.count
            }
            guard
                let first = causes.max(by: {
                    ($0.value, $1.key.sentence) < ($1.value, $0.key.sentence)
                })
            else { continue }
            counts.append(
                Count(
                    effect: effect,
                    count: causes.values.reduce(0, +),
                    whole: population.whole(effect),
                    earlier: earlier[effect] ?? 0,
                    limit: limits.limit(effect, of: population.whole(effect)),
                    cause: first.key
                )
            )
        }
        return GuardVerdict(entity: entity, population: population.owned, counts: counts, snapshot: snapshot)
    }

    /// Whether somebody has to approve: one kind beyond its limit, or a snapshot that seems to be cut, holds all of the
    /// entity's, for the file is not what it was.
    package var isHeld: Bool { counts.contains(where: \.isBreach) || snapshot?.isShrunk == true }

    /// Whether who has decided about another verdict on the entity has decided about this one: it holds for no other reason,
    /// and no more records.
    package func isDecided(by shown: GuardVerdict) -> Bool {
        guard shown.entity == entity else { return false }
        let isCut = snapshot?.isShrunk == true
        return counts.filter(\.isBreach).allSatisfy { count in
            shown.counts.contains { $0.effect == count.effect && $0.isBreach && $0.count >= count.count }
        } && (!isCut || shown.snapshot?.isShrunk == true) && snapshot?.absent ?? 0 <= shown.snapshot?.absent ?? 0
    }

    /// `300 of 2,000 people would lose access (limit 100): status turns from active to inactive.` Of those within the limits
    /// nothing is said unless all are.
    package var sentence: String {
        let told = isHeld ? counts.filter(\.isBreach) : counts
        let counts = told.map { sentence($0) }
        return ([snapshot?.shrinkSentence] + counts + [snapshot?.doubtSentence]).compactMap(\.self)
            .joined(separator: " ")
    }

    private func sentence(_ count: Count) -> String {
        let whole = "\(Grouped.text(count.count)) of \(Grouped.text(count.whole)) \(entity.nounOfMany)"
        let earlier = count.earlier > 0 ? ", after \(Grouped.text(count.earlier)) in runs shortly before" : ""
        let limit = count.limit == .max ? "no limit" : "limit \(Grouped.text(count.limit))"
        return "\(whole) would \(consequence(count.effect))\(earlier) (\(limit)): \(count.cause.sentence)."
    }

    private func consequence(_ effect: GuardedEffect) -> String {
        switch (effect, entity) {
        case (.deactivate, .courses): "be closed"
        case (.deactivate, _): "lose access"
        case (.unenrol, _): "end"
        case (.keyChange, .users): "be known by something else"
        case (.keyChange, .courses): "get another code or number"
        case (.keyChange, .enrollments): "go to another person or course"
        }
    }
}

extension GuardVerdict {
    package init(json: JSONValue) throws(JSONFieldError) {
        var fields = try JSONFields(json)
        entity = try fields.oneOf("entity", Entity.self)
        population = try fields.integer("population")
        _ = try fields.optionalBool("held")
        _ = try fields.optionalString("sentence")
        var counts: [Count] = []
        for (position, value) in try fields.array("kinds").enumerated() {
            var kind = try JSONFields(value, at: JSONPointer.appending(position, to: fields.pointer(to: "kinds")))
            counts.append(
                Count(
                    effect: try kind.oneOf("kind", GuardedEffect.self),
                    count: try kind.integer("count"),
                    // Verdicts of earlier versions have neither.
                    whole: try kind.optionalInteger("whole") ?? population,
                    earlier: try kind.optionalInteger("earlier") ?? 0,
                    limit: try kind.optionalInteger("limit") ?? .max,
                    cause: try GuardCause(&kind)
                )
            )
            try kind.finish()
        }
        self.counts = counts
        if var snapshot = try fields.optionalFields("snapshot") { self.snapshot = try SnapshotCount(&snapshot) }
        try fields.finish()
    }

    package var json: JSONValue {
        [
            "entity": .string(entity.rawValue), "population": .integer(population), "held": .bool(isHeld),
            "kinds": .array(
                counts.map { count in
                    var kind: JSONObject = [
                        "kind": .string(count.effect.rawValue), "count": .integer(count.count),
                        "whole": .integer(count.whole), "earlier": .integer(count.earlier),
                        "limit": count.limit == .max ? .null : .integer(count.limit),
                    ]
                    for member in count.cause.members { kind[member.name] = member.value }
                    return .object(kind)
                }
            ),
            "snapshot": snapshot?.json ?? .null, "sentence": .string(sentence),
        ]
    }
}

/// Numbers for sentences.
package enum Grouped {
    /// `1234567` → `1,234,567`
    package static func text(_ number: Int64) -> String {
        let digits = Array(String(number))
        var text = ""
        for (position, digit) in digits.enumerated() {
            if position > 0, (digits.count - position).isMultiple(of: 3), digits[position - 1] != "-" { text += "," }
            text.append(digit)
        }
        return text
    }
}

extension Entity {
    /// Many of them, in messages.
    package var nounOfMany: String {
        switch self {
        case .users: "people"
        case .courses: "courses"
        case .enrollments: "enrolments"
        }
    }
}
