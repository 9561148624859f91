import Changes
import Mapping
import Store
import Testing
import Time

@Suite struct `A run's message` {
    private func counts(_ fill: (inout Counts) -> Void) -> Counts {
        var counts = Counts()
        fill(&counts)
        return counts
    }

    private func streams(_ entities: Entity...) -> [RunStream] {
        entities.enumerated().map { position, entity in
            var stream = RunStream(stream: entity.rawValue, entity: entity)
            stream.counts.read = Int64(position + 1)
            return stream
        }
    }

    @Test func `names what was read of each entity, and what had waited`() {
        let counts = counts {
            $0.read = 8
            $0.created = 8
            $0.replayed = 2
        }
        #expect(
            RunMessage.done(counts, streams(.users, .courses, .enrollments))
                == "1 person, 2 courses, 3 enrolments and 2 that had waited since earlier runs read: 8 created."
        )
        #expect(
            RunMessage.done(counts, streams(.courses))
                == "6 courses and 2 that had waited since earlier runs read: 8 created."
        )
        #expect(
            RunMessage.done(Counts(), streams(.users, .courses)).hasPrefix("The source had no people or courses:")
        )
    }

    @Test func `names the effects that there were, and what to do`() {
        let counts = counts {
            $0.read = 2_001_950
            $0.created = 2_000_000
            $0.unchanged = 1_938
            $0.rejected = 12
            $0.warned = 3
        }
        #expect(
            RunMessage.done(counts, streams(.users))
                == "2,001,950 people read: 2,000,000 created, 1,938 unchanged, 12 rejected. 3 with warnings."
                + " The run's rejects say what to correct in the source or the mapping."
        )
    }

    @Test func `speaks of one course, and of none`() {
        let one = counts {
            $0.read = 1
            $0.updated = 1
        }
        #expect(RunMessage.done(one, streams(.courses)) == "1 course read: 1 updated.")
        #expect(RunMessage.done(Counts(), streams(.enrollments)).hasPrefix("The source had no enrolments"))
    }

    @Test func `of a failure says what stays and what the next run does`() {
        let counts = counts {
            $0.read = 1_000
            $0.created = 999
            $0.waiting = 1
        }
        let failure = RunFailure(
            errorClass: "data",
            code: "x",
            message: "Line 1,001 has no end",
            hint: "Close the quote"
        )
        #expect(
            RunMessage.failed(failure, counts, streams(.users))
                == "Line 1,001 has no end. Close the quote. What was committed stays: 1,000 people read, 999 created, "
                + "1 undecided. The next run starts from the beginning and leaves what is unchanged alone."
        )
    }

    @Test func `of a crash in a dry run doesn't say that something stays`() {
        let crash = RunFailure(
            errorClass: "crash",
            code: "crashed",
            message: "The connector x crashed while reading. What was committed stays. Report it to its publisher."
        )
        let told = RunMessage.ofUnapplied(crash)
        #expect(told.message == "The connector x crashed while reading. Report it to its publisher.")
        #expect(RunMessage.unapplied(told) == "\(told.message) Nothing was written.")
    }
}
