import Store
import Sync
import Testing

struct `Why an attempt failed` {
    @Test func `the store's errors are told from those of the source, and by whether waiting helps`() {
        let classes: [(StoreError.Code, String)] = [
            (.busy, "unavailable"), (.unavailable, "unavailable"), (.full, "config"), (.corrupt, "config"),
            (.accounts, "internal"), (.bug, "internal"),
        ]
        for (code, errorClass) in classes {
            let failure = RunFailure(StoreError(code, "What happened."))
            #expect(failure == RunFailure(errorClass: errorClass, code: "store_\(code)", message: "What happened."))
        }
    }

    @Test func `a cancelled attempt is no failure of anybody's`() {
        #expect(RunFailure(CancellationError()).errorClass == "cancelled")
    }
}
