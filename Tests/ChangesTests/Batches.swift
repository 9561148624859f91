import Changes
import Identifiers
import Mapping

func prepared(_ batch: MappedBatch, policy: Policy = Policy(), tenant: UInt64 = 1) -> PreparedBatch {
    PreparedBatch.prepare(
        batch,
        source: "people.csv",
        locatorKind: "line",
        hashKey: Array(0..<16),
        tenant: UUID(high: tenant, low: 0),
        policy: policy
    )
}
