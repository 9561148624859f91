internal import Changes
internal import Identifiers
internal import JSON
internal import Mapping
internal import Store
internal import Sync
internal import Time

// A run as several topics show it.

extension Run {
    static let schema = Schema.object(
        .required("id", .id),
        .required("config_id", .id),
        .required("kind", .string),
        .required("trigger", .oneOf(["manual", "schedule", "webhook", "file"])),
        .required("stream", .string, "Empty where it reads several."),
        .required("target_entity", .oneOf(Entity.self), "Of the first stream."),
        .required("streams", .list(of: RunStream.schema), "What it reads, in this order."),
        .required("mapping_version", .integer),
        .required("state", .oneOf(RunState.self)),
        .required("counts", Counts.schema),
        .required("message", .string, "How it stands or ended, in a sentence."),
        .required("error", RunFailure.schema.orNull, "Why it, or its attempt before this one, ended early."),
        .required(
            "guard",
            .object(
                .required("verdicts", .list(of: GuardVerdict.schema)),
                .required("decision", GuardDecision.schema.orNull, "What was said to it while it was held.")
            ).orNull,
            "What it has set aside, counted; null where nothing was."
        ),
        .required(
            "plan",
            RunPlan.schema.orNull,
            "Of a dry run: what has become of its plan; its effects tell what it would do. Null for any other."
        ),
        .required("attempt", .integer),
        .required("created_at", .time),
        .required("started_at", .time.orNull),
        .required("finished_at", .time.orNull),
        .required("progress", RunStatus.progressSchema.orNull, "While a worker of this host has it in hand.")
    )

    /// `status`: what the host's board tells, newer than what the store has.
    func json(_ status: RunStatus? = nil) -> JSONValue {
        [
            "id": .string(id.description), "config_id": .string(config.description), "kind": .string(kind),
            "trigger": .string(trigger), "stream": .string(stream), "target_entity": .string(entity.rawValue),
            "streams": .array(streams.map(\.json)), "mapping_version": .integer(mappingVersion),
            "state": .string((status?.state ?? state).rawValue),
            "counts": (status?.counts ?? counts).json, "message": .string(status?.message ?? message),
            "error": failure?.json ?? .null, "guard": guardJSON, "plan": plan?.shown ?? .null,
            "attempt": .integer(attempt),
            "created_at": .string(createdAt.description), "started_at": .time(startedAt),
            "finished_at": .time(finishedAt), "progress": status?.progressJSON ?? .null,
        ]
    }
}

extension Run {
    private var guardJSON: JSONValue {
        guard !verdicts.isEmpty || decision != nil else { return .null }
        return ["verdicts": .array(verdicts.map(\.json)), "decision": decision?.shown ?? .null]
    }
}

extension GuardVerdict {
    static let schema = Schema.object(
        .required("entity", .oneOf(Entity.self)),
        .required(
            "population",
            .integer,
            "How many of its rows the configuration owned before the run, ended ones among them."
        ),
        .required(
            "held",
            .bool,
            "Whether one kind is beyond its limit: then all wait for a decision, unless it was made with the plan."
        ),
        .required(
            "kinds",
            .list(
                of: .object(
                    .required("kind", .oneOf(GuardedEffect.self)),
                    .required("count", .integer),
                    .required("whole", .integer, "How many it could happen to: those that have not ended already."),
                    .required("earlier", .integer, "What runs shortly before have applied by themselves."),
                    .required("limit", Schema.integer.orNull, "Null for none."),
                    .required("cause", .string, "What brings most of them about, in a sentence."),
                    .required(
                        "cause_code",
                        Schema.oneOf(GuardCause.Code.self).orNull,
                        "The same by a code: another status, other keys, or missing from the export. Null of runs of earlier versions."
                    ),
                    .required("before", .string.orNull, "The status before; null for none."),
                    .required("after", .string.orNull, "The status after; null for none."),
                    .required("fields", Schema.list(of: .string).orNull, "The keys that change.")
                )
            )
        ),
        .required(
            "snapshot",
            .object(
                .required("present", .integer, "Of the configuration's people with access: who was in the export."),
                .required("absent", .integer, "Who has access and was not."),
                .required("may_lack_percent", .integer),
                .required("doubt", .string.orNull, "Why nobody was taken for absent.")
            ).orNull,
            "Where the policy's leavers are not ignored."
        ),
        .required("sentence", .string)
    )
}

extension GuardDecision {
    static let schema = Schema.object(
        .required("decision", .oneOf(Kind.self)),
        .required("by", .string),
        .required("at", .time)
    )

    fileprivate var shown: JSONValue {
        ["decision": .string(kind.rawValue), "by": .string(actor), "at": .time(at)]
    }
}

extension RunPlan {
    static let schema = Schema.object(
        .required(
            "state",
            .oneOf(Phase.self),
            "planned: it waits to be applied or dropped. approved and applied: it was to be applied."
        ),
        .required("hash", .string.orNull, "What is named to apply just this plan; null until it is made."),
        .required(
            "file",
            .string.orNull,
            "Which file of the tenant's folder it is of, if it read one: it applies no other."
        ),
        .required("as_of", .time.orNull, "When TrainFlow's rows were as the plan compares with them."),
        .required("decided_by", .string.orNull),
        .required("decided_at", .time.orNull)
    )

    fileprivate var shown: JSONValue {
        [
            "state": .string(phase.rawValue), "hash": .text(hash), "file": .text(file?.path), "as_of": .time(asOf),
            "decided_by": .text(decidedBy), "decided_at": .time(decidedAt),
        ]
    }
}

extension RunStream {
    static let schema = Schema.object(
        .required("stream", .string),
        .required("target_entity", .oneOf(Entity.self)),
        .required("finished", .bool, "Whether it is read to its end."),
        .required("counts", Counts.schema),
        .required(
            "warnings",
            .list(of: .string),
            "What the connector found doubtful about all of it, in sentences, once it is read."
        ),
        .required(
            "found",
            .map(of: .string),
            "What the connector found out about the source by itself: a file's encoding and delimiter, say."
        )
    )

    var json: JSONValue {
        [
            "stream": .string(stream), "target_entity": .string(entity.rawValue), "finished": .bool(isFinished),
            "counts": counts.json, "warnings": .array(warnings.map(JSONValue.string)), "found": .object(found),
        ]
    }
}

extension Counts {
    static let schema = Schema.object(
        ["read", "created", "updated", "unchanged", "set_aside", "rejected", "duplicate", "warned"]
            .map { .required($0, .integer) } + [
                .required(
                    "replayed",
                    .integer,
                    "Of those read: records of earlier runs that waited for a person or a course, and got through."
                )
            ],
        isClosed: false
    )

    var json: JSONValue {
        [
            "read": .integer(read), "created": .integer(created), "updated": .integer(updated),
            "unchanged": .integer(unchanged), "set_aside": .integer(setAside), "rejected": .integer(rejected),
            "duplicate": .integer(duplicate), "warned": .integer(warned), "replayed": .integer(replayed),
        ]
    }
}

extension RunFailure {
    static let schema = Schema.object(
        .required("class", .string),
        .required("code", .string),
        .required("message", .string),
        .required("hint", .string)
    )
}

extension RunStatus {
    static let progressSchema = Schema.object(
        .required("phase", .string),
        .required("stream", .string.orNull, "What is being read."),
        .required("target_entity", Schema.oneOf(Entity.self).orNull, "What its records become."),
        .required("done", .integer.orNull, "Bytes of the input, about."),
        .required("total", .integer.orNull),
        .required("rate", .number.orNull, "Rows a second, over the last ten seconds."),
        .required("eta_seconds", .integer.orNull, "Until the input is read.")
    )

    /// Null where no worker has the run.
    var progressJSON: JSONValue {
        guard let phase else { return .null }
        return [
            "phase": .string(phase.rawValue), "stream": .text(stream?.stream),
            "target_entity": .text(stream?.entity.rawValue), "done": bytesDone.map(JSONValue.integer) ?? .null,
            "total": bytesTotal.map(JSONValue.integer) ?? .null,
            "rate": rate.flatMap { JSONValue(number: "\(($0 * 10).rounded() / 10)") } ?? .null,
            "eta_seconds": secondsLeft.map(JSONValue.integer) ?? .null,
        ]
    }
}

extension JSONValue {
    /// RFC 3339, or null.
    static func time(_ time: Instant?) -> JSONValue { time.map { .string($0.description) } ?? .null }
    static func id(_ id: UUID?) -> JSONValue { id.map { .string($0.description) } ?? .null }
}
