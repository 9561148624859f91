internal import JSON
internal import Mapping

/// How a config's records find their rows. The `policy` of a config.
package struct Policy: Sendable, Equatable {
    /// The match rules in order, tried after the link. Default: by e-mail.
    package var match: [MatchRule] = [.email]
    /// Whether a matched row that nobody owns becomes this config's; else such a record is a reject.
    package var adopt = true
    /// The target field whose greater value wins among repeats of a key in one snapshot (`attributes.last_modified`).
    package var orderField: String?
    /// How many effects that end somebody's access or change a key a run may apply by itself.
    package var guardLimits = GuardLimits()
    /// What happens to the config's people whom a complete snapshot lacks.
    package var leavers = Leavers.ignore

    /// What the config's first sync does that nobody says more about.
    package var firstRun = FirstRun.apply

    package init() {}

    package enum FirstRun: String, Sendable, CaseIterable {
        case apply
        /// It stops at a plan, which somebody applies or drops.
        case plan
    }

    package enum MatchRule: Sendable, Equatable, Hashable {
        case email
        case username
        /// The same number in another config's links or in the row itself: only where the administrator says so.
        case externalID
    }
}
