/// Decides who copies the write-ahead log into the database, and when.
///
/// The log is copied beside the writer, who goes on appending to it; what it has appended meanwhile, a small rest, it copies
/// itself, because only a log that is copied to its end can begin anew at its start.
package struct CheckpointPlan: Sendable {
    /// Pages in the log at which copying begins.
    let pages: Int32
    private var phase = Phase.idle
    /// As of the last commit.
    private(set) var logged: Int32 = 0

    private enum Phase: Sendable {
        case idle, copying, copied
    }

    /// What the writer does after a commit.
    package enum Action: Sendable, Equatable {
        case none
        /// Have the log copied.
        case start
        /// Copy the rest.
        case finish
        /// The disk takes less than is written: wait until the copy is done, then copy the rest.
        case waitAndFinish
    }

    package init(pages: Int32) {
        self.pages = pages
    }

    package mutating func committed(logged: Int32) -> Action {
        self.logged = logged
        switch phase {
        case .idle:
            guard logged >= pages else { return .none }
            phase = .copying
            return .start
        case .copying:
            guard logged >= CheckpointPlan.most * pages else { return .none }
            phase = .idle
            return .waitAndFinish
        case .copied:
            phase = .idle
            return .finish
        }
    }

    /// The copy beside the writer has come to the page; true if enough was appended meanwhile to be worth another round.
    package mutating func copied(upTo page: Int32, round: Int) -> Bool {
        guard round < 3, logged - page > pages / 16 else {
            if phase == .copying { phase = .copied }
            return false
        }
        return phase == .copying
    }

    /// How many times its usual size the log may have before the writer waits.
    private static let most: Int32 = 4
}
