/// How many guarded effects a config's runs may bring about by themselves: the policy's `guard`.
package struct GuardLimits: Sendable, Equatable {
    /// The greater of the two holds.
    package struct Limit: Sendable, Equatable {
        /// Of the rows that it could happen to; 100 switches the kind off.
        package var percent: Int64
        package var absolute: Int64

        package init(percent: Int64, absolute: Int64) {
            self.percent = percent
            self.absolute = absolute
        }
    }

    package var deactivate = Limit(percent: 5, absolute: 10)
    package var unenrol = Limit(percent: 10, absolute: 25)
    package var keyChange = Limit(percent: 2, absolute: 10)
    /// How many of the config's people a complete snapshot may lack before nobody is taken for absent.
    package var shrinkPercent: Int64 = 20
    /// Below so many rows no limit is more than half of them.
    package var minimumPopulation: Int64 = 20
    /// What runs of so many hours before have applied by themselves counts too; 0 for each run alone. Less than a day, so
    /// that of daily runs each stands alone, whether it comes some minutes early or not.
    package var windowHours: Int64 = 20

    package init() {}

    package subscript(effect: GuardedEffect) -> Limit {
        get {
            switch effect {
            case .deactivate: deactivate
            case .unenrol: unenrol
            case .keyChange: keyChange
            }
        }
        set {
            switch effect {
            case .deactivate: deactivate = newValue
            case .unenrol: unenrol = newValue
            case .keyChange: keyChange = newValue
            }
        }
    }

    /// How many effects of the kind are within the limit. Of few rows no more than half, and one: ten of ten are not "at most
    /// ten".
    package func limit(_ effect: GuardedEffect, of population: Int64) -> Int64 {
        let limit = self[effect]
        if limit.percent >= 100 { return .max }
        let share = population / 100 * limit.percent + population % 100 * limit.percent / 100
        let most = max(share, limit.absolute)
        return population < minimumPopulation ? min(most, max(1, population / 2)) : most
    }

    /// Whether a record with these effects has to be set aside until all are counted.
    package func guards(_ effects: GuardedEffects) -> Bool {
        effects.kinds.contains { self[$0].percent < 100 }
    }
}
