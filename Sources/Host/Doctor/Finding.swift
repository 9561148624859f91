internal import JSON

/// What `trainflow doctor` found out about one thing.
struct Finding: Sendable, Equatable {
    enum Verdict: String, Sendable {
        /// `warn`: the host works, but not as well, or not for long.
        case ok, warn, fail
    }

    var verdict: Verdict
    /// What was looked at: `database`, `sandbox`.
    var subject: String
    var message: String
    /// What to do; empty where nothing is to be done.
    var hint: String

    static func ok(_ subject: String, _ message: String) -> Finding {
        Finding(verdict: .ok, subject: subject, message: message, hint: "")
    }

    static func warn(_ subject: String, _ message: String, _ hint: String) -> Finding {
        Finding(verdict: .warn, subject: subject, message: message, hint: hint)
    }

    static func fail(_ subject: String, _ message: String, _ hint: String) -> Finding {
        Finding(verdict: .fail, subject: subject, message: message, hint: hint)
    }

    var json: JSONValue {
        [
            "verdict": .string(verdict.rawValue), "subject": .string(subject), "message": .string(message),
            "hint": .string(hint),
        ]
    }
}
