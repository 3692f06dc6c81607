//! Intake against a model: a made-up homeserver lives through random histories, and a simple
//! oracle says what should be answered. Everything that should be is answered exactly once, and
//! nothing else ever.
//!
//! A failure prints its seed. `ARBTEST_SEED=… cargo test intake::model` lives through it again,
//! and with `NANOBOT_MODEL_MINIMIZE=1` looks for a shorter one.
//! `NANOBOT_MODEL_SECONDS` says for how long random histories are tried.

mod oracle;
mod server;
mod world;

use arbtest::arbtest;

use self::world::World;

/// How much chance one history is made of, in bytes: some sixty steps.
const CHANCE: u32 = 600;

#[test]
fn whatever_happens_each_question_is_answered_once_and_nothing_else_is() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let budget = std::env::var("NANOBOT_MODEL_SECONDS").ok();
    let budget = budget.map_or(10_000, |seconds| seconds.parse::<u64>().unwrap() * 1000);
    let test = arbtest(|chance| {
        let mut world = runtime.block_on(World::new());
        runtime.block_on(world.live(chance))?;
        world.judge();
        Ok(())
    })
    .budget_ms(budget)
    .size_min(CHANCE / 4)
    .size_max(CHANCE);
    if std::env::var_os("NANOBOT_MODEL_MINIMIZE").is_some() {
        test.minimize().run();
    } else {
        test.run();
    }
}
