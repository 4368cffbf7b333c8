//! What mutual aid says. A city that serves itself is no aid, and weighs less.

use protocol::{Audience, Body, Decision, PartyId, ProposalDecision};

use crate::bilingual::{Bilingual, clean};
use crate::names::Names;

/// Weight and sentence of a message about aid; `None` for what is counted elsewhere.
pub(super) fn said(body: &Body, author: PartyId, names: &Names) -> Option<(u8, Bilingual)> {
    match body {
        Body::AidRequest(_) | Body::AidRequestUpdate(_) | Body::AidWithdraw(_) => asked(body),
        Body::AidOffer(_) | Body::AidDecline(_) | Body::AidCommit(_) => {
            answered(body, author, names)
        }
        Body::AidAccept(accept) => {
            let (offer, count) = (accept.offer, accept.resources.len());
            let weight = if offer.author == author { 5 } else { 3 };
            let text = Bilingual::new(
                format!("确认接收 {offer}（{count} 项）"),
                format!("accepts offer {offer} ({count})"),
            );
            Some((weight, text))
        }
        Body::AidCommitRefused(refused) => {
            let (offer, why) = (refused.offer, refused.reason.label());
            let text = Bilingual::new(
                format!("未能调派 {offer}：{}", why.zh),
                format!("does not commit offer {offer}: {}", why.en),
            );
            Some((1, text))
        }
        Body::Release(release) => {
            let aid = release.aid;
            let weight = if aid.author == author { 5 } else { 3 };
            let text = Bilingual::new(format!("解除任务 {aid}"), format!("releases {aid}"));
            Some((weight, text))
        }
        Body::Recall(recall) => {
            let (aid, why) = (recall.aid, clean(&recall.reason));
            let text = Bilingual::new(
                format!("抽回 {aid}：{why}"),
                format!("recalls {aid}: {why}"),
            );
            Some((1, text))
        }
        Body::ProposalDecision(said) => Some((3, decided(said))),
        Body::AuthorityAsked(asked) => {
            let (unit, need, whose) = (asked.unit, asked.need, asked.command_authority.label());
            let text = Bilingual::new(
                format!("为 {need} 请求{}授权调派 {unit}", whose.zh),
                format!("asks the {} for {unit}, for {need}", whose.en),
            );
            Some((3, text))
        }
        Body::AuthorityAnswered(said) => {
            let (unit, answer, post) = (said.unit, said.answer.label(), clean(&said.post));
            let text = Bilingual::new(
                format!("{post}答复 {unit}：{}", answer.zh),
                format!("{post} on {unit}: {}", answer.en),
            );
            Some((3, text))
        }
        _ => None,
    }
}

fn decided(said: &ProposalDecision) -> Bilingual {
    let step = said.proposed.told();
    let (zh, en) = match &said.decision {
        Decision::Accept => ("采纳建议".to_owned(), "accepts the proposal".to_owned()),
        Decision::Change { instead } => (
            format!("改用 {instead}，未采纳建议"),
            format!("sends {instead} instead of the proposal"),
        ),
        Decision::Decline { reason } => {
            let why = clean(reason);
            (
                format!("不采纳建议（{why}）"),
                format!("declines the proposal ({why})"),
            )
        }
    };
    Bilingual::new(format!("{zh}：{}", step.zh), format!("{en}: {}", step.en))
}

fn asked(body: &Body) -> Option<(u8, Bilingual)> {
    match body {
        Body::AidRequest(ask) => {
            let (need, incident, quantity) = (ask.need, ask.incident, ask.quantity);
            let (kind, audience) = (ask.kind.label(), ask.audience.label());
            let weight = if ask.audience == Audience::Own { 5 } else { 2 };
            let text = Bilingual::new(
                format!(
                    "请求支援 {need}：{}×{quantity}，范围{}，事件 {incident}",
                    kind.zh, audience.zh
                ),
                format!(
                    "asks {} for {quantity} × {}: {need} for {incident}",
                    audience.en, kind.en
                ),
            );
            Some((weight, text))
        }
        Body::AidRequestUpdate(update) => {
            let (need, quantity) = (update.need, update.quantity);
            let audience = update.audience.label();
            let text = Bilingual::new(
                format!("请求更新 {need}：{quantity}，范围{}", audience.zh),
                format!("need {need} now asks {quantity} of {}", audience.en),
            );
            Some((2, text))
        }
        _ => None,
    }
}

fn answered(body: &Body, author: PartyId, names: &Names) -> Option<(u8, Bilingual)> {
    match body {
        Body::AidOffer(offer) => {
            let (id, need, count) = (offer.offer, offer.need, offer.lines.len());
            let asker = names.name(need.author);
            let weight = if need.author == author { 5 } else { 3 };
            let text = Bilingual::new(
                format!("答复{} {need}：可支援 {count} 项（{id}）", asker.zh),
                format!("offers {count} to {} for {need} ({id})", asker.en),
            );
            Some((weight, text))
        }
        Body::AidDecline(decline) => {
            let (need, why) = (decline.need, decline.reason.label());
            let asker = names.name(need.author);
            let text = Bilingual::new(
                format!("无法支援{} {need}：{}", asker.zh, why.zh),
                format!("declines {} {need}: {}", asker.en, why.en),
            );
            Some((4, text))
        }
        Body::AidCommit(commit) => {
            let (unit, incident, aid) = (commit.resource, commit.incident, commit.aid);
            let asker = names.name(commit.need.author);
            let own = commit.need.author == author;
            let text = if own {
                Bilingual::new(
                    format!("调派 {unit} 赴 {incident}（{aid}）"),
                    format!("commits {unit} to {incident} ({aid})"),
                )
            } else {
                Bilingual::new(
                    format!("支援{}：调派 {unit} 赴 {incident}（{aid}）", asker.zh),
                    format!("lends {unit} to {} for {incident} ({aid})", asker.en),
                )
            };
            Some((if own { 4 } else { 1 }, text))
        }
        _ => None,
    }
}
