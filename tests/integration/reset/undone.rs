//! A reset that fails takes everything back; a kill in the middle of that is mended by the next.

use std::fs;
use std::os::unix::fs::symlink;

use super::scene::{assert_devices, assert_talk, is_signed, leftovers, stopped_in_a_room, witness};
use super::unchanged::Refuse;
use crate::harness::account::LONG;
use crate::harness::disk::SmallDisk;
use crate::harness::relay::relay;
use crate::harness::shared::shared_synapse;

/// The moments of taking back, in their order.
const STEPS: [&str; 4] = [
    "reset-undo",
    "reset-undo-device",
    "reset-undo-trial",
    "reset-undo-checkpoint",
];

#[tokio::test]
async fn killed_while_it_takes_everything_back_it_is_finished_by_the_same_command() {
    let synapse = shared_synapse().await;
    let (bot, ann, room) = stopped_in_a_room(synapse).await;
    let witness = witness(synapse, &bot).await;
    let broken = relay(synapse.base_url(), Refuse("/send/m.room.encrypted/")).await;
    for step in STEPS {
        let old_device = bot.device_id();
        bot.set("homeserver", broken.clone());
        let killed = bot.begin_reset(&["--force"], Some(step)).wait(LONG).await;
        assert_eq!(killed.code, 128 + 9, "not killed at {step}: {killed}");
        assert_eq!(bot.device_id(), old_device, "{step}");

        bot.set("homeserver", synapse.base_url());
        let output = bot
            .reset(&["--force", "--json"])
            .await
            .expect_code(0)
            .json();
        assert_eq!(output["old_device"], old_device, "{step}");
        assert_ne!(bot.device_id(), old_device, "{step}");
        assert_eq!(leftovers(&bot), [""; 0], "{step}");
        assert_devices(&bot, &witness).await;
        assert!(is_signed(&bot).await, "{step}");
    }
    // Taken back it is also where the next reset is refused: the device is sound.
    bot.set("homeserver", broken);
    let killed = bot.begin_reset(&["--force"], Some("reset-undo"));
    assert_eq!(killed.wait(LONG).await.code, 128 + 9);
    bot.set("homeserver", synapse.base_url());
    let refused = bot.reset(&[]).await.expect_code(1);
    assert!(refused.stderr.contains("--force"), "{refused}");
    assert_eq!(leftovers(&bot), [""; 0]);
    assert_devices(&bot, &witness).await;
    let _gateway = bot.run().await;
    assert_talk(&bot, &ann, &room, "after all that").await;
}

#[tokio::test]
async fn a_configuration_that_cannot_be_written_leaves_the_old_device_in_its_place() {
    let Some(disk) = SmallDisk::mount(1) else {
        return;
    };
    let synapse = shared_synapse().await;
    let (bot, ann, room) = stopped_in_a_room(synapse).await;
    let witness = witness(synapse, &bot).await;
    let config = disk.path().join("config.json");
    fs::copy(bot.home.config_path(), &config).unwrap();
    fs::remove_file(bot.home.config_path()).unwrap();
    symlink(&config, bot.home.config_path()).unwrap();
    let filler = disk.fill();
    let old_device = bot.device_id();

    let failed = bot.reset(&["--force"]).await.expect_code(1);
    assert!(failed.stderr.contains("config.json"), "{failed}");
    assert_eq!(leftovers(&bot), [""; 0]);
    assert_devices(&bot, &witness).await;
    let gateway = bot.run().await;
    assert_talk(&bot, &ann, &room, "still here").await;
    assert_eq!(gateway.terminate().await, 0);

    // Killed when the old store is back only by half: the next run goes on with the new one.
    let half = bot
        .begin_reset(&["--force"], Some("reset-back"))
        .wait(LONG)
        .await;
    assert_eq!(half.code, 128 + 9, "{half}");
    let failed = bot.reset(&[]).await.expect_code(1);
    assert!(failed.stderr.contains("config.json"), "{failed}");
    fs::remove_file(filler).unwrap();
    bot.reset(&[]).await.expect_code(0);
    assert_ne!(bot.device_id(), old_device);
    assert_eq!(leftovers(&bot), [""; 0]);
    assert_devices(&bot, &witness).await;
    let _gateway = bot.run().await;
    assert_talk(&bot, &ann, &room, "and here again").await;
}
